"""Trying again, with a growing pause in between."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from courier.errors import RetriesExhausted, Transient

T = TypeVar("T")


def pauses(first: float, factor: float, largest: float) -> Iterator[float]:
    """Seconds to wait before the second, third ... attempt."""
    if first < 0 or factor < 1:
        raise ValueError("pauses cannot shrink")
    pause = first
    while True:
        yield min(pause, largest)
        pause *= factor


async def retry(
    call: Callable[[], Awaitable[T]],
    attempts: int = 3,
    first_pause: float = 0.0,
    factor: float = 2.0,
    largest_pause: float = 30.0,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """The result of the first attempt that succeeds; a permanent error is raised at once."""
    if attempts < 1:
        raise ValueError("at least one attempt")
    waits = pauses(first_pause, factor, largest_pause)
    for attempt in range(1, attempts + 1):
        try:
            return await call()
        except Transient as error:
            if attempt == attempts:
                raise RetriesExhausted(attempts) from error
            planned = next(waits)
            await sleep(planned if error.after is None else max(planned, error.after))
    raise AssertionError("unreachable")
