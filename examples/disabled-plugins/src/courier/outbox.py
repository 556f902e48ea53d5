"""The outbox: messages wait here until their endpoint has taken them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from courier.breaker import CircuitBreaker
from courier.errors import CircuitOpen, CourierError, Permanent, from_status
from courier.retry import retry

Transport = Callable[[str, bytes], Awaitable[int]]


@dataclass(order=True)
class Message:
    priority: int
    number: int
    endpoint: str = field(compare=False)
    body: bytes = field(compare=False)


class Outbox:
    def __init__(self, transport: Transport, attempts: int = 3, threshold: int = 3, capacity: int = 100) -> None:
        self.delivered: list[Message] = []
        self.dead: list[Message] = []
        self._transport = transport
        self._attempts = attempts
        self._threshold = threshold
        self._waiting: asyncio.PriorityQueue[Message] = asyncio.PriorityQueue(capacity)
        self._breakers: dict[str, CircuitBreaker] = {}
        self._numbers = iter(range(1_000_000))

    def __len__(self) -> int:
        return self._waiting.qsize()

    def put(self, endpoint: str, body: bytes, priority: int = 5) -> Message:
        """Raises asyncio.QueueFull when the outbox is full, ValueError for an endpoint without a scheme."""
        if "://" not in endpoint:
            raise ValueError(f"not an endpoint: {endpoint!r}")
        message = Message(priority, next(self._numbers), endpoint, body)
        self._waiting.put_nowait(message)
        return message

    def breaker(self, endpoint: str) -> CircuitBreaker:
        host = endpoint.split("://", 1)[1].split("/", 1)[0].lower()
        return self._breakers.setdefault(host, CircuitBreaker(self._threshold))

    async def flush(self) -> int:
        """Deliver what waits, most urgent first; returns how many messages arrived."""
        arrived, postponed = 0, []
        while not self._waiting.empty():
            message = self._waiting.get_nowait()
            try:
                await self._deliver(message)
            except CircuitOpen:
                postponed.append(message)
            except CourierError:
                self.dead.append(message)
            else:
                self.delivered.append(message)
                arrived += 1
        for message in postponed:
            self._waiting.put_nowait(message)
        return arrived

    async def _deliver(self, message: Message) -> None:
        async def once() -> None:
            error = from_status(await self._transport(message.endpoint, message.body))
            if error is not None:
                raise error

        async def guarded() -> None:
            await self.breaker(message.endpoint).call(once)

        if not message.body:
            raise Permanent("an empty message")
        await retry(guarded, self._attempts)
