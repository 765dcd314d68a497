"""Print the known numbers of the recorded BTC week: `python -m tests.reference.golden_btc_week`."""

import csv
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.reference.frame import Candle, Frame, build_frame
from tests.reference.lead import lead_trades
from tests.reference.report import LEAD_SHARES, REVERSION_SHARES, report
from tests.reference.reversion import reversion_trades
from tests.reference.trade import Trade

BTC_WEEK = Path(__file__).resolve().parents[3] / "shared" / "data" / "btc_week"

PLAIN: dict[str, Any] = {
    "fill": "close",
    "overlap": True,
    "max_age_min": math.inf,
    "reference": "raw",
    "fees_bps": 8.0,
    "slippage_bps": 0.0,
    "funding_on": False,
    "flat_is_price": True,
}
EXECUTABLE: dict[str, Any] = {
    "fill": "next_open",
    "overlap": False,
    "max_age_min": 0.0,
    "reference": "excess",
    "basis_min": 720,
    "slippage_bps": 1.0,
    "funding_on": False,
}
LEAD: dict[str, Any] = {
    "spread_entry": 0.03,
    "window": 5,
    "move_pct": 0.15,
    "horizon": 15,
    "tp": 0.40,
    "sl": 0.60,
    "cooldown": 10,
}
REVERSION: dict[str, Any] = {"entry": 0.08, "exit": 0.03, "max_hold": 60, "min_gap": 5}


def read_week(folder: Path = BTC_WEEK) -> tuple[list[int], Frame]:
    """Return the recorded week on its minute grid."""
    return build_frame(
        read_binance(folder / "binance_um_BTCUSDT_1m.csv"),
        read_dydx(folder / "dydx_BTC-USD_1MIN.csv"),
    )


def read_binance(path: Path) -> list[Candle]:
    """Return the bars of a Binance file: open time in ms, trades counted."""
    with path.open(newline="") as file:
        return [
            Candle(int(row["open_time"]) // 60_000, *prices(row), trades=float(row["count"]))
            for row in csv.DictReader(file)
        ]


def read_dydx(path: Path) -> list[Candle]:
    """Return the bars of a dYdX file: one comment line, ISO times, trades not counted."""
    with path.open(newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [Candle(minute_of(row["timestamp"]), *prices(row)) for row in rows]


def minute_of(iso: str) -> int:
    """Return the minutes from 1970-01-01 UTC to an ISO time."""
    return int(datetime.fromisoformat(iso).astimezone(UTC).timestamp()) // 60


def prices(row: dict[str, str]) -> tuple[float, float, float, float, float]:
    """Return open, high, low, close and volume of a CSV row."""
    o, h, low, c, v = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
    return o, h, low, c, v


def cases(frame: Frame) -> dict[str, list[Trade]]:
    """Return the trades of every known case, by its name."""
    plain = {**PLAIN, "touch": "close"}
    executable = {**EXECUTABLE, "touch": "intrabar", "fees_bps": 10.0}
    return {
        "plain lead long": lead_trades(frame, mode="long", **LEAD, **plain),
        "plain lead short 0.08": lead_trades(
            frame, mode="short", **{**LEAD, "spread_entry": 0.08}, **plain
        ),
        "plain reversion": reversion_trades(frame, **REVERSION, **PLAIN),
        "executable lead long": lead_trades(frame, mode="long", **LEAD, **executable),
        "executable lead short": lead_trades(frame, mode="short", **LEAD, **executable),
        "executable reversion": reversion_trades(frame, **REVERSION, **EXECUTABLE, fees_bps=20.0),
    }


def summary(name: str, trades: Sequence[Trade]) -> dict[str, Any]:
    """Return the report of one case and how often each reason ended a trade, ready for JSON."""
    columns = report(trades, REVERSION_SHARES if "reversion" in name else LEAD_SHARES)
    numbers = {key: x if math.isfinite(x) else None for key, x in columns.items()}
    return {"reasons": dict(Counter(trade.reason for trade in trades)), **numbers}


def main() -> None:
    """Write the known numbers as JSON to standard output."""
    minutes, frame = read_week()
    known = {name: summary(name, trades) for name, trades in cases(frame).items()}
    json.dump({"rows": len(minutes), **known}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
