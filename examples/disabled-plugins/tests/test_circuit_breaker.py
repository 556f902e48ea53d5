"""The circuit breaker: closed, open, half-open, and back."""

import asyncio

import pytest
from courier.breaker import CircuitBreaker
from courier.errors import CircuitOpen, Permanent, Transient

pytestmark = pytest.mark.asyncio


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(threshold=2, recovery=30, clock=clock)


@pytest.fixture
async def open_breaker(breaker):
    for _ in range(breaker.threshold):
        with pytest.raises(Transient):
            await breaker.call(fail)
    return breaker


async def succeed() -> str:
    await asyncio.sleep(0)
    return "ok"


async def fail() -> str:
    raise Transient("busy")


async def refuse() -> str:
    raise Permanent("gone")


async def test_a_new_circuit_is_closed(breaker):
    assert breaker.state == "closed"


async def test_success_passes_through(breaker):
    assert await breaker.call(succeed) == "ok"


async def test_one_failure_keeps_it_closed(breaker):
    with pytest.raises(Transient):
        await breaker.call(fail)
    assert breaker.state == "closed"
    assert breaker.failures == 1


@pytest.mark.parametrize("threshold", [1, 2, 3, 5])
async def test_it_opens_at_its_threshold(clock, threshold):
    breaker = CircuitBreaker(threshold, clock=clock)
    for _ in range(threshold):
        assert breaker.state == "closed"
        with pytest.raises(Transient):
            await breaker.call(fail)
    assert breaker.state == "open"


async def test_success_forgets_earlier_failures(breaker):
    with pytest.raises(Transient):
        await breaker.call(fail)
    await breaker.call(succeed)
    assert breaker.failures == 0


async def test_a_refusal_is_no_failure_of_the_endpoint(breaker):
    for _ in range(3):
        with pytest.raises(Permanent):
            await breaker.call(refuse)
    assert breaker.state == "closed"


@pytest.mark.flaky(reruns=3, reruns_delay=2)
async def test_an_open_circuit_refuses_calls(open_breaker):
    with pytest.raises(CircuitOpen, match="2 failures in a row"):
        await open_breaker.call(succeed)


async def test_an_open_circuit_does_not_call(open_breaker):
    called = []

    async def note() -> None:
        called.append(True)

    with pytest.raises(CircuitOpen):
        await open_breaker.call(note)
    assert called == []


@pytest.mark.parametrize(("seconds", "state"), [(0, "open"), (29.9, "open"), (30, "half-open"), (300, "half-open")])
async def test_it_is_half_open_after_its_recovery(open_breaker, clock, seconds, state):
    clock.now += seconds
    assert open_breaker.state == state


class TestHalfOpen:
    @pytest.fixture
    async def half_open(self, open_breaker, clock):
        clock.now += open_breaker.recovery
        return open_breaker

    @pytest.mark.flaky(reruns=3, reruns_delay=2)
    async def test_success_closes_it(self, half_open):
        await half_open.call(succeed)
        assert half_open.state == "closed"

    async def test_failure_opens_it_again(self, half_open):
        with pytest.raises(Transient):
            await half_open.call(fail)
        assert half_open.state == "open"

    async def test_the_recovery_starts_anew(self, half_open, clock):
        with pytest.raises(Transient):
            await half_open.call(fail)
        clock.now += half_open.recovery - 1
        assert half_open.state == "open"
        clock.now += 1
        assert half_open.state == "half-open"

    async def test_a_reset_closes_it(self, half_open):
        half_open.reset()
        assert half_open.state == "closed"


async def test_a_reset_closes_an_open_circuit(open_breaker):
    open_breaker.reset()
    assert await open_breaker.call(succeed) == "ok"


async def test_many_callers_share_one_circuit(breaker):
    results = await asyncio.gather(*(breaker.call(fail) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [Transient, Transient, CircuitOpen, CircuitOpen, CircuitOpen]


@pytest.mark.parametrize("threshold", [0, -1])
async def test_a_threshold_lets_at_least_one_call_through(threshold):
    with pytest.raises(ValueError, match="never lets a call through"):
        CircuitBreaker(threshold)
