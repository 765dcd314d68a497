"""dYdX's fee tiers, asked of a full node."""

import json

import httpx
import pytest

from research.data.venues.dydx_fees import fetch_base_tier
from research.errors import FormatError, UnreachableError
from research.settings.fetch import FetchSettings
from tests.exchange import LocalExchange, running
from tests.exchange.arrange import clock_of, exchange_of, settings_for

CLOCK = clock_of(5)


def answering(body: object) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, text=json.dumps(body)))


def exchange() -> LocalExchange:
    return exchange_of(5, clock=CLOCK)


def test_the_tier_without_a_volume_is_found_wherever_it_stands() -> None:
    with running(exchange()) as served:
        settings = settings_for(served, dydx_node_url=served.url)
        assert fetch_base_tier(settings, clock=CLOCK.as_clock()) == (5.0, 1.0)
        assert served.asked("feetiers")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"params": []},
        {"params": {"tiers": {}}},
        {"params": {"tiers": [{"absolute_volume_requirement": "5", "taker_fee_ppm": 1}]}},
        {"params": {"tiers": [{"absolute_volume_requirement": "0"}]}},
        {"params": {"tiers": [{"absolute_volume_requirement": "0", "taker_fee_ppm": "500",
                               "maker_fee_ppm": 1}]}},
        {"params": {"tiers": [{"absolute_volume_requirement": "0", "taker_fee_ppm": 500_000,
                               "maker_fee_ppm": 1}]}},
    ],
)  # fmt: skip
def test_an_answer_without_a_sound_tier_is_no_fee(body: object) -> None:
    settings = FetchSettings(attempts=2, first_wait_s=0.002, longest_wait_s=0.01)
    with pytest.raises(FormatError):
        fetch_base_tier(settings, clock=CLOCK.as_clock(), transport=answering(body))


def test_a_node_that_is_away_is_said_so() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    settings = FetchSettings(attempts=2, first_wait_s=0.002, longest_wait_s=0.01)
    with pytest.raises(UnreachableError, match="dydx node"):
        fetch_base_tier(settings, clock=CLOCK.as_clock(), transport=httpx.MockTransport(away))
