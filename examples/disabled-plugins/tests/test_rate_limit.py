"""The rate limiter: bursts, refills and waiting."""

import asyncio

import pytest
from courier.limiter import RateLimiter


class World:
    """A clock, and a sleep that moves it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@pytest.fixture
def world():
    return World()


@pytest.fixture
def limiter(world):
    return RateLimiter(rate=2, burst=4, clock=world.clock, sleep=world.sleep)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0), (1, -3)])
def test_rate_and_burst_are_positive(rate, burst):
    with pytest.raises(ValueError, match="must be positive"):
        RateLimiter(rate, burst)


def test_it_starts_full(limiter):
    assert limiter.tokens == 4


def test_a_token_is_taken(limiter):
    assert limiter.try_acquire()
    assert limiter.tokens == 3


def test_an_empty_bucket_gives_nothing(limiter):
    assert [limiter.try_acquire() for _ in range(5)] == [True, True, True, True, False]


@pytest.mark.parametrize(("seconds", "tokens"), [(0, 0), (0.5, 1), (1, 2), (1.5, 3), (2, 4), (60, 4)])
def test_it_refills_up_to_the_burst(world, limiter, seconds, tokens):
    for _ in range(4):
        limiter.try_acquire()
    world.now += seconds
    assert limiter.tokens == tokens


@pytest.mark.asyncio
async def test_a_full_bucket_does_not_wait(limiter, world):
    assert await limiter.acquire() == 0
    assert world.naps == []


@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=2)
async def test_an_empty_bucket_waits_for_one_token(limiter, world):
    for _ in range(4):
        await limiter.acquire()
    assert await limiter.acquire() == pytest.approx(0.5)
    assert world.now == pytest.approx(0.5)


@pytest.mark.asyncio
@pytest.mark.parametrize(("messages", "seconds"), [(4, 0), (5, 0.5), (6, 1), (12, 4), (24, 10)])
async def test_the_rate_holds_over_many_messages(limiter, world, messages, seconds):
    for _ in range(messages):
        await limiter.acquire()
    assert world.now == pytest.approx(seconds)


@pytest.mark.asyncio
async def test_an_idle_time_does_not_save_more_than_a_burst(limiter, world):
    world.now += 3600
    for _ in range(5):
        await limiter.acquire()
    assert world.now == pytest.approx(3600.5)


@pytest.mark.slow
@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=1)
async def test_real_time_is_kept():
    limiter = RateLimiter(rate=200, burst=1)
    loop = asyncio.get_running_loop()
    start = loop.time()
    for _ in range(5):
        await limiter.acquire()
    assert loop.time() - start >= 0.015


@pytest.mark.asyncio
async def test_waiters_get_a_token_each(limiter, world):
    waits = await asyncio.gather(*(limiter.acquire() for _ in range(6)))
    assert sorted(waits)[:4] == [0, 0, 0, 0]
    assert world.now >= 1
