"""dYdX's fee tiers, asked of a full node: the indexer does not know them.

Set by governance, the same for every market; discounts (staking, single markets) are not in them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx

from research.clock import Clock
from research.data.venues.body import parse_json
from research.data.venues.http import Dialect, Http
from research.data.venues.pace import Pace
from research.errors import FormatError
from research.settings.fetch import FetchSettings

__all__ = ["FeeTier", "fetch_base_tier"]

_PATH = "/dydxprotocol/v4/feetiers/perpetual_fee_params"
_PPM_IN_BPS = 100.0


class FeeTier(NamedTuple):
    """What one side pays, basis points; negative: a rebate."""

    taker_bps: float
    maker_bps: float


def fetch_base_tier(
    settings: FetchSettings, *, clock: Clock, transport: httpx.BaseTransport | None = None
) -> FeeTier:
    """The tier that asks for no volume. Raises what :meth:`Http.get` raises."""
    dialect = Dialect(
        venue="dydx node",
        base_url=settings.dydx_node_url,
        retry_after_s=1.0,
        explain=_explain,
        heed=lambda headers, pace, now_s: None,
    )
    pace = Pace(settings.dydx_requests_per_10s, 10.0, clock)
    with Http(dialect, settings, pace, clock=clock, transport=transport) as http:
        return http.get(_PATH, {}, _base_tier)


def _base_tier(body: bytes, place: str) -> FeeTier:
    answer = parse_json(body, place)
    params = answer.get("params") if isinstance(answer, dict) else None
    tiers = params.get("tiers") if isinstance(params, dict) else None
    for tier in tiers if isinstance(tiers, list) else ():
        if isinstance(tier, dict) and _asks_nothing(tier):
            return FeeTier(_bps(tier, "taker_fee_ppm", place), _bps(tier, "maker_fee_ppm", place))
    raise FormatError(f"{place}: no fee tier without a volume in the answer; look at the address")


def _asks_nothing(tier: Mapping[str, Any]) -> bool:
    return str(tier.get("absolute_volume_requirement")) == "0"


def _bps(tier: Mapping[str, Any], name: str, place: str) -> float:
    ppm = tier.get(name)
    if isinstance(ppm, bool) or not isinstance(ppm, int) or not -10_000 <= ppm <= 10_000:
        raise FormatError(f"{place}: {name} = {ppm!r} is no fee in parts per million")
    return ppm / _PPM_IN_BPS


def _explain(body: Any) -> str | None:
    return str(body["message"])[:200] if isinstance(body, dict) and "message" in body else None
