"""Closed minutes that a paper run on live feeds did not hear: fetched from both venues."""

from pathlib import Path

from research.data.fetch.market import fetch_market
from research.data.fetch.wanted import Wanted
from research.errors import LeadfollowError
from research.frame.frame import Frame, write_frame
from research.frame.load import load_frame
from research.settings.market import MarketSettings
from strategies.bot.parts import MarketNames
from strategies.live.stream import LiveMinute, minutes_of_frame
from sweeps.cli.terminal import warn
from sweeps.settings import Settings

__all__ = ["FILE", "MissedMinutes"]

FILE = "minutes.parquet"  # in the folder of the run: replays of what it heard need it
_MINUTES = "minutes"
_A_DAY = 1440


class MissedMinutes:
    """Fetches into a store of its own, beside the run's ledger, which is asked again and again.

    Parameters
    ----------
    folder
        Of the paper run.
    """

    def __init__(self, market: MarketNames, settings: Settings, folder: Path) -> None:
        self._market, self._settings, self._folder = market, settings, folder
        # a run that waits for history is one that does not watch its positions
        self._patience = settings.fetch.model_copy(
            update={
                "bulk": False,
                "attempts": min(settings.fetch.attempts, 3),
                "timeout_s": min(settings.fetch.timeout_s, 5.0),
                "longest_wait_s": min(settings.fetch.longest_wait_s, 2.0),
            }
        )

    def before(self, last_minute: int | None) -> list[LiveMinute]:
        """Those after ``last_minute`` up to now; without one, as many as the settings say."""
        days = self._settings.paper.history_days
        if last_minute is None:
            return self._fetched(Wanted(minutes=max(1, int(days * _A_DAY)))) if days else []
        return self._fetched(Wanted(first_ms=(last_minute + 1) * 60_000))

    def within(self, first: int, end: int) -> list[LiveMinute]:
        """Those from ``first`` on and before ``end``, epoch minutes."""
        found = self._fetched(Wanted(first_ms=first * 60_000, end_ms=end * 60_000))
        return [each for each in found if first <= each.minute < end]

    def again(self, first: int) -> list[LiveMinute]:
        """Those from ``first`` up to now, and all that were fetched before for this folder."""
        return self._fetched(Wanted(first_ms=first * 60_000), since=0)

    def _fetched(self, wanted: Wanted, *, since: int | None = None) -> list[LiveMinute]:
        try:
            frame = self._frame(wanted)
        except LeadfollowError as error:
            warn(f"minutes that were not heard could not be fetched, they count as empty: {error}")
            return []
        first = (wanted.first_ms or 0) // 60_000 if since is None else since
        return [each for each in minutes_of_frame(frame) if each.minute >= first]

    def _frame(self, wanted: Wanted) -> Frame:
        name, scale = self._market.name, self._market.price_scale
        names = MarketSettings(
            binance=self._market.binance, dydx=self._market.dydx, price_scale=scale
        )
        root = self._folder / _MINUTES
        fetch_market(root, name, names, wanted, settings=self._patience)
        frame = load_frame(name, store=root, rule=self._settings.frame, price_scale=scale)
        write_frame(frame, self._folder / FILE, ["paper"])
        return frame
