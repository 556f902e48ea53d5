"""A circuit breaker: an endpoint that keeps failing is left alone for a while."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from courier.errors import CircuitOpen, Transient

T = TypeVar("T")


class CircuitBreaker:
    """closed: calls go through; open: they are refused; half-open: one may try."""

    def __init__(self, threshold: int = 3, recovery: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        if threshold < 1:
            raise ValueError("a threshold below one never lets a call through")
        self.threshold = threshold
        self.recovery = recovery
        self.failures = 0
        self._clock = clock
        self._opened: float | None = None

    @property
    def state(self) -> str:
        if self._opened is None:
            return "closed"
        return "half-open" if self._clock() - self._opened >= self.recovery else "open"

    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """The function's result; raises CircuitOpen without calling it while the circuit is open."""
        if self.state == "open":
            raise CircuitOpen(f"{self.failures} failures in a row")
        try:
            result = await function()
        except Transient:
            self._failed()
            raise
        self.reset()
        return result

    def reset(self) -> None:
        self.failures = 0
        self._opened = None

    def _failed(self) -> None:
        self.failures += 1
        if self.failures >= self.threshold or self._opened is not None:
            self._opened = self._clock()
