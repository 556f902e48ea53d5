"""Errors: which are worth another attempt, and how attempts are spaced."""

import asyncio
from itertools import islice

import pytest
from courier.errors import CourierError, Permanent, RetriesExhausted, Transient, from_status
from courier.retry import pauses, retry


class Endpoint:
    """Fails as told, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "delivered"


class Sleeper:
    """Remembers the pauses instead of waiting."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.mark.parametrize("status", [200, 204, 302])
def test_success_is_no_error(status):
    assert from_status(status) is None


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_busy_endpoints_are_worth_another_attempt(status):
    assert isinstance(from_status(status), Transient)


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_refusals_are_final(status):
    assert isinstance(from_status(status), Permanent)


def test_all_errors_share_one_root():
    assert issubclass(RetriesExhausted, CourierError)
    assert issubclass(Transient, CourierError)


def test_pauses_double_up_to_the_largest():
    assert list(islice(pauses(1, 2, 5), 4)) == [1, 2, 4, 5]


def test_pauses_cannot_shrink():
    with pytest.raises(ValueError, match="cannot shrink"):
        next(pauses(1, 0.5, 5))


@pytest.mark.asyncio
async def test_a_first_success_needs_one_call():
    endpoint = Endpoint()
    assert await retry(endpoint) == "delivered"
    assert endpoint.calls == 1


@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=2)
async def test_a_transient_error_is_tried_again():
    endpoint = Endpoint(Transient("busy"))
    assert await retry(endpoint) == "delivered"
    assert endpoint.calls == 2


@pytest.mark.asyncio
async def test_a_permanent_error_is_not_tried_again():
    endpoint = Endpoint(Permanent("gone"))
    with pytest.raises(Permanent):
        await retry(endpoint)
    assert endpoint.calls == 1


@pytest.mark.asyncio
async def test_giving_up_tells_how_often_it_tried():
    endpoint = Endpoint(*[Transient("busy")] * 5)
    with pytest.raises(RetriesExhausted) as caught:
        await retry(endpoint, attempts=4)
    assert caught.value.attempts == endpoint.calls == 4


@pytest.mark.asyncio
async def test_giving_up_keeps_the_last_error():
    last = Transient("still busy")
    with pytest.raises(RetriesExhausted) as caught:
        await retry(Endpoint(Transient("busy"), last), attempts=2)
    assert caught.value.__cause__ is last


@pytest.mark.asyncio
async def test_pauses_grow_between_attempts(sleeper):
    await retry(Endpoint(*[Transient("busy")] * 3), attempts=4, first_pause=1, sleep=sleeper)
    assert sleeper.pauses == [1, 2, 4]


@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=1)
async def test_the_endpoint_may_ask_for_a_longer_pause(sleeper):
    await retry(Endpoint(Transient("busy", after=9)), first_pause=1, sleep=sleeper)
    assert sleeper.pauses == [9]


@pytest.mark.asyncio
async def test_attempts_do_not_block_each_other():
    results = await asyncio.gather(*(retry(Endpoint(Transient("busy"))) for _ in range(5)))
    assert results == ["delivered"] * 5


@pytest.mark.asyncio
async def test_there_is_at_least_one_attempt():
    with pytest.raises(ValueError, match="at least one attempt"):
        await retry(Endpoint(), attempts=0)
