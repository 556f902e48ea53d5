"""A token bucket: so many messages a second, with room for a burst."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class RateLimiter:
    def __init__(
        self,
        rate: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("rate and burst must be positive")
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._sleep = sleep
        self._tokens = float(burst)
        self._seen = clock()

    @property
    def tokens(self) -> float:
        """How many messages may go right now."""
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._seen) * self.rate)
        self._seen = now
        return self._tokens

    def try_acquire(self) -> bool:
        """Take a token if there is one."""
        if self.tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def acquire(self) -> float:
        """Wait for a token; returns the seconds that it took."""
        waited = 0.0
        while not self.try_acquire():
            pause = (1 - self._tokens) / self.rate
            await self._sleep(pause)
            waited += pause
        return waited
