"""Delivery: the outbox, its retries and its breakers together."""

import asyncio

import pytest
from courier.outbox import Outbox

pytestmark = [pytest.mark.integration]

SHOP = "https://shop.example/hooks"
BANK = "https://bank.example/hooks"


class Transport:
    """Answers with the statuses that were planned for a host, then with 200."""

    def __init__(self) -> None:
        self.planned: dict[str, list[int]] = {}
        self.seen: list[tuple[str, bytes]] = []

    async def __call__(self, endpoint: str, body: bytes) -> int:
        await asyncio.sleep(0)
        self.seen.append((endpoint, body))
        planned = self.planned.get(endpoint, [])
        return planned.pop(0) if planned else 200


@pytest.fixture
def transport():
    return Transport()


@pytest.fixture
async def outbox(transport):
    return Outbox(transport)


@pytest.mark.asyncio
async def test_a_new_outbox_is_empty(outbox):
    assert len(outbox) == 0
    assert await outbox.flush() == 0


@pytest.mark.asyncio
async def test_a_message_waits_until_flushed(outbox, transport):
    outbox.put(SHOP, b"hello")
    assert len(outbox) == 1
    assert transport.seen == []


@pytest.mark.asyncio
async def test_a_message_arrives_once(outbox, transport):
    outbox.put(SHOP, b"hello")
    assert await outbox.flush() == 1
    assert transport.seen == [(SHOP, b"hello")]
    assert len(outbox) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("endpoint", ["", "shop.example", "/hooks"])
async def test_an_endpoint_has_a_scheme(outbox, endpoint):
    with pytest.raises(ValueError, match="not an endpoint"):
        outbox.put(endpoint, b"hello")


@pytest.mark.asyncio
async def test_a_full_outbox_takes_nothing(transport):
    outbox = Outbox(transport, capacity=1)
    outbox.put(SHOP, b"one")
    with pytest.raises(asyncio.QueueFull):
        outbox.put(SHOP, b"two")


@pytest.mark.asyncio
async def test_urgent_messages_go_first(outbox, transport):
    outbox.put(SHOP, b"later", priority=9)
    outbox.put(SHOP, b"now", priority=1)
    await outbox.flush()
    assert [body for _, body in transport.seen] == [b"now", b"later"]


@pytest.mark.asyncio
async def test_equal_messages_keep_their_order(outbox, transport):
    for number in range(5):
        outbox.put(SHOP, b"%d" % number)
    await outbox.flush()
    assert [body for _, body in transport.seen] == [b"0", b"1", b"2", b"3", b"4"]


@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=2)
@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_a_busy_endpoint_is_tried_again(outbox, transport, status):
    transport.planned[SHOP] = [status]
    outbox.put(SHOP, b"hello")
    assert await outbox.flush() == 1
    assert len(transport.seen) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_refused_message_is_dead(outbox, transport, status):
    transport.planned[SHOP] = [status]
    message = outbox.put(SHOP, b"hello")
    assert await outbox.flush() == 0
    assert outbox.dead == [message]
    assert len(transport.seen) == 1


@pytest.mark.asyncio
async def test_an_empty_message_is_dead_without_a_call(outbox, transport):
    outbox.put(SHOP, b"")
    await outbox.flush()
    assert len(outbox.dead) == 1
    assert transport.seen == []


@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=2)
async def test_messages_wait_for_a_broken_endpoint(outbox, transport):
    transport.planned[SHOP] = [503] * 3
    outbox.put(SHOP, b"first")
    outbox.put(SHOP, b"second")
    assert await outbox.flush() == 0
    assert len(outbox.dead) == 1
    assert len(outbox) == 1


@pytest.mark.asyncio
async def test_one_broken_endpoint_does_not_stop_another(outbox, transport):
    transport.planned[SHOP] = [503] * 3
    outbox.put(SHOP, b"to the shop")
    outbox.put(BANK, b"to the bank")
    assert await outbox.flush() == 1
    assert outbox.delivered[0].endpoint == BANK


@pytest.mark.asyncio
async def test_endpoints_of_one_host_share_a_breaker(outbox):
    assert outbox.breaker(SHOP) is outbox.breaker("https://SHOP.example/other")
    assert outbox.breaker(SHOP) is not outbox.breaker(BANK)


@pytest.mark.slow
@pytest.mark.asyncio
async def test_a_long_queue_is_flushed_in_one_go(transport):
    outbox = Outbox(transport, capacity=1000)
    for number in range(1000):
        outbox.put(SHOP, b"%d" % number)
    assert await outbox.flush() == 1000


@pytest.mark.asyncio
async def test_a_recovered_endpoint_gets_what_waited(outbox, transport):
    transport.planned[SHOP] = [503] * 3
    outbox.put(SHOP, b"first")
    outbox.put(SHOP, b"second")
    await outbox.flush()
    outbox.breaker(SHOP).reset()
    assert await outbox.flush() == 1
    assert outbox.delivered[0].body == b"second"


@pytest.mark.asyncio
@pytest.mark.flaky(reruns=3, reruns_delay=2)
async def test_messages_may_be_put_while_others_are_flushed(outbox, transport):
    outbox.put(SHOP, b"first")
    flushing = asyncio.create_task(outbox.flush())
    await asyncio.sleep(0)
    outbox.put(BANK, b"second")
    assert await flushing == 2
