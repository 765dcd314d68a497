"""What a pre-flight looks at: the file, the settings, the minutes, the fees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from research.clock import Clock
from research.data.synthetic.market import SyntheticSpec
from research.errors import FrameError, LeadfollowError
from research.frame.frame import Frame
from research.frame.load import load_frame, synthetic_frame
from research.settings.frame import FrameSettings
from strategies.bot.config import load_bot_config
from strategies.bot.contract import BotConfig
from strategies.bot.preflight.costs import VenueFees, cost_lines
from strategies.bot.preflight.guards import guard_lines
from strategies.bot.preflight.line import Line
from strategies.bot.preflight.minutes import (
    dry_run_lines,
    newest_lines,
    no_minutes_lines,
    parity_lines,
)
from strategies.bot.preflight.paper import paper_lines
from strategies.bot.preflight.replay import panel_of
from strategies.bot.validity import moment_of
from sweeps.settings import Settings, load_settings

__all__ = ["Flight"]

_WARM_DAYS = 30  # before the newest days: Wilder's averages and the 4-hour RSI
_PATIENCE = {"attempts": 2, "timeout_s": 5.0, "longest_wait_s": 1.0, "longest_retry_after_s": 5.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One pre-flight."""

    file: Path
    config: BotConfig
    settings: Settings
    store: Path
    frame: Path | None
    anyway: bool
    offline: bool
    now: datetime
    days: float

    @classmethod
    def of(
        cls,
        file: Path,
        *,
        store: Path | None,
        frame: Path | None,
        settings_file: Path | None,
        anyway: bool,
        offline: bool,
        now: datetime,
        days: float,
    ) -> "Flight":
        """Raises ExportError, SettingsError."""
        settings = load_settings(settings_file)
        return cls(
            file=file,
            config=load_bot_config(file),
            settings=settings,
            store=store or settings.store.folder,
            frame=frame,
            anyway=anyway,
            offline=offline,
            now=now,
            days=days,
        )

    def lines(self) -> list[Line]:
        """Every check, in the order of the page."""
        return [
            *paper_lines(self.config, self.now),
            *guard_lines(self.config),
            *cost_lines(self.config, self.fees(), self.now),
            *self._parity(),
            *self._newest(),
        ]

    def fees(self) -> VenueFees:
        """dYdX's of a full node where it can be asked, else the dated setting; Binance's are not
        public.
        """
        costs, bot = self.settings.costs, self.settings.bot
        known = VenueFees(
            dydx_taker_bps=costs.dydx_taker_fee_bps,
            binance_taker_bps=costs.binance_taker_fee_bps,
            checked=bot.fees_checked,
            source="[costs] of the settings",
        )
        if self.offline or find_spec("httpx") is None or find_spec("stamina") is None:
            return known
        from research.data.venues.dydx_fees import fetch_base_tier

        try:
            tier = fetch_base_tier(self.settings.fetch.model_copy(update=_PATIENCE), clock=Clock())
        except LeadfollowError:
            return replace(known, source="[costs] of the settings, no node answered")
        words = f"dYdX's base tier is {tier.taker_bps:g} bps now"
        if bot.fees_are_mine:
            return replace(known, source=f"your own by [costs]; {words}")
        return replace(
            known,
            dydx_taker_bps=max(tier.taker_bps, costs.dydx_taker_fee_bps),
            source=f"{words}, Binance's by [costs]",
        )

    def _parity(self) -> Iterator[Line]:
        try:
            panel = panel_of(self.config, self._evidence_frame())
        except LeadfollowError as error:
            yield from no_minutes_lines(("evidence minutes", "parity"), error)
            return
        yield from parity_lines(self.config, panel)

    def _newest(self) -> Iterator[Line]:
        try:
            panel = panel_of(self.config, self._newest_frame())
        except LeadfollowError as error:
            yield from no_minutes_lines(("newest minute", "range", "dry run"), error)
            return
        yield from newest_lines(self.config, panel, self.days, self.now)
        yield from dry_run_lines(self.config, panel, self.days)

    def _evidence_frame(self) -> Frame:
        """The minutes that the export was made of, made again."""
        data = self.config.made_of
        try:
            first, last = moment_of(data["first_minute"]), moment_of(data["last_minute"])
        except (KeyError, TypeError, ValueError):
            raise FrameError(
                f"{self.file}: provenance does not say of which minutes it was made"
            ) from None
        return self._load((first, last + timedelta(minutes=1)))

    def _newest_frame(self) -> Frame:
        """The newest days of the store, and enough before them for every feature."""
        whole = self._load(None)
        return whole.last(round((self.days + _WARM_DAYS) * 1440))

    def _load(self, span: tuple[datetime, datetime] | None) -> Frame:
        if self.frame is None and self.config.synthetic and not self._is_stored():
            return self._synthetic()
        silence = self.config.silence
        return load_frame(
            self.config.market.name,
            store=self.store,
            file=self.frame,
            rule=None if silence is None else FrameSettings(**silence.model_dump()),
            price_scale=self.config.market.price_scale,
            anyway=self.anyway,
            span=span,
        )

    def _is_stored(self) -> bool:
        return (self.store / self.config.market.name).is_dir()

    def _synthetic(self) -> Frame:
        """The embedded market once more, by the name that it gave itself."""
        sources = self.config.made_of.get("sources")
        name = str(sources[0]) if isinstance(sources, list) and sources else ""
        found = re.fullmatch(r"SYNTHETIC seed=(\d+) days=([\d.]+) edge=([\d.]+)", name)
        if found is None:
            raise FrameError(f"{self.file}: does not say which synthetic market it was made on")
        seed, days, edge = found.groups()
        spec = SyntheticSpec(days=float(days), seed=int(seed), edge=float(edge))
        return synthetic_frame(spec, market=self.config.market.name)
