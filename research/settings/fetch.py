"""The ``[fetch]`` table of the settings file: where the exchanges are and how patient we are."""

from typing import Annotated

from pydantic import AfterValidator, Field

from research.settings.section import Section

__all__ = ["FetchSettings"]


def _web(address: str) -> str:
    if not address.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    return address.rstrip("/")


def _socket(address: str) -> str:
    if not address.startswith(("ws://", "wss://")):
        raise ValueError("a WebSocket address begins with ws:// or wss://")
    return address.rstrip("/")


Web = Annotated[str, AfterValidator(_web)]
Socket = Annotated[str, AfterValidator(_socket)]


class FetchSettings(Section):
    """Addresses (a testnet or a mirror is another address), limits, waits and sizes.

    Defaults are the public sites; no key is ever needed. Proxies come from the environment
    (``HTTPS_PROXY``, ``NO_PROXY``).
    """

    binance_url: Web = "https://fapi.binance.com"
    binance_spot_url: Web = "https://api.binance.com"
    binance_bulk_url: Web = "https://data.binance.vision"
    binance_ws_url: Socket = "wss://fstream.binance.com/public/ws"
    dydx_url: Web = "https://indexer.dydx.trade"
    dydx_ws_url: Socket = "wss://indexer.dydx.trade/v4/ws"
    dydx_node_url: Web = "https://dydx-ops-rest.kingnodes.com"  # a full node: fee tiers

    bulk: bool = True  # ZIP files for whole months and days before asking page by page
    binance_weight_per_min: int = Field(1800, ge=20, le=6000)  # the venue allows 2400
    dydx_requests_per_10s: int = Field(80, ge=1, le=100)  # the venue allows 100

    pages_at_once: int = Field(3, ge=1, le=16)  # of one venue, all within its budget

    attempts: int = Field(8, ge=1, le=100)
    attempts_unsound: int = Field(3, ge=1, le=100)  # of answers that arrive and make no sense
    first_wait_s: float = Field(0.5, ge=0, le=60)
    longest_wait_s: float = Field(30.0, ge=0, le=600)
    longest_retry_after_s: float = Field(180.0, ge=0, le=86_400)
    timeout_s: float = Field(20.0, gt=0, le=600)  # of silence; a whole answer may take three
    most_body_mib: float = Field(64.0, gt=0, le=1024)

    settle_s: float = Field(10.0, ge=0, le=600)  # dYdX mids settle with the next block
    gap_age_min: int = Field(60, ge=1, le=100_000)  # younger holes may still be filled
    skew_warn_ms: float = Field(1000.0, gt=0)

    quote_every_ms: int = Field(100, ge=0, le=60_000)  # recorder: changes in between are left out
    depth_every_ms: int = Field(1000, ge=0, le=600_000)
    depth_levels: int = Field(20, ge=1, le=100)
    silence_s: float = Field(45.0, gt=0, le=3600)  # of a stream, before it is opened anew
