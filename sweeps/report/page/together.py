"""The winners together: what an account that trades them all would have gone through."""

import pandas as pd

from research.errors import StoreError
from research.measures.report import max_drawdown
from sweeps.report.page.html import Html, element, joined, table
from sweeps.report.page.run_folder import RunFolder

__all__ = ["together"]


def together(run: RunFolder, names: list[str]) -> Html | None:
    """Trades out of sample of several claims in the order of their exits; None for one claim.

    Raises
    ------
    StoreError
        A file of trades is missing or torn.
    """
    if len(names) < 2:
        return None
    tables = {name: _trades(run, name) for name in names}
    tables["all winners together"] = pd.concat(list(tables.values()))
    rows = []
    for name, trades in tables.items():
        net = trades.sort_values("exit_time", kind="stable")["net_pct"].to_numpy(dtype="float64")
        down = max_drawdown(net) if net.size else 0.0
        rows.append((name, f"{net.size:,}", f"{net.sum():+.3f}", f"{down:.3f}"))
    words = (
        "Out of sample, one unit of notional a trade; trades of different claims may be open at "
        "the same time, so that their losses can fall together."
    )
    head = ("claim", "trades", "total net %", "max drawdown %")
    return joined([element("p", words), table("The winners together", head, rows)])


def _trades(run: RunFolder, name: str) -> pd.DataFrame:
    path = run.path / "trades" / f"{name}.out-of-sample.csv"
    try:
        return pd.read_csv(path, usecols=["exit_time", "net_pct"])
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error}); make the run again") from None
