"""``leadfollow.toml``: every value that a user may set, its default, and where it came from.

The file is looked for in the working folder; without one the defaults below are in force.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from research.errors import SettingsError
from research.settings.features import (
    FeatureSettings,
    PanelSettings,
    RegimeSettings,
    SessionSettings,
)
from research.settings.fetch import FetchSettings
from research.settings.frame import FrameSettings
from research.settings.section import Section

__all__ = [
    "DEFAULT_FILE",
    "AxesSettings",
    "CostSettings",
    "ExecutionSettings",
    "ExportSettings",
    "MarketSettings",
    "Settings",
    "StoreSettings",
    "StudySettings",
    "SyntheticSettings",
    "changed",
    "load_settings",
    "origins",
]

DEFAULT_FILE = Path("leadfollow.toml")

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Bps = Annotated[float, Field(ge=-100, le=1000, allow_inf_nan=False)]
Axis = list[float] | str  # [0.02, 0.04] or "0.02:0.12:0.02" (both ends included)


class MarketSettings(Section):
    """The names of one market at both venues."""

    binance: str
    dydx: str


class StoreSettings(Section):
    """Where minutes and results are kept."""

    folder: Path = Path("data")
    runs: Path = Path("runs")


class CostSettings(Section):
    """Costs of the executable model, basis points of entry notional.

    Defaults: regular taker tier at both venues (checked 2026-11); fees are dated facts, set yours.
    """

    dydx_taker_fee_bps: Bps = 5.0
    binance_taker_fee_bps: Bps = 5.0
    slippage_bps: Bps = 1.0  # per fill
    funding: bool = True


class ExecutionSettings(Section):
    """The executable model: how a signal becomes a trade."""

    fill: Literal["close", "next_open"] = "next_open"
    touch: Literal["close", "intrabar"] = "intrabar"
    overlap: bool = False
    max_age_min: float = Field(0.0, ge=0)
    reference: Literal["raw", "excess"] = "excess"


_LEAD_AXES: dict[str, Axis] = {
    "window": [3, 5, 10],
    "move_pct": "0.04:0.20:0.04",
    "spread_entry": "0.00:0.10:0.02",
    "tp": [0.20, 0.40, 0.80],
    "sl": [0.20, 0.40],
    "horizon": [5, 15, 30],
    "cooldown": [10],
}
_REVERSION_AXES: dict[str, Axis] = {
    "entry": "0.02:0.12:0.01",
    "exit": [0.0, 0.01, 0.02, 0.03],
    "max_hold": [15, 30, 60, 120],
    "min_gap": [5],
}


class AxesSettings(Section):
    """Levels of the exhaustive grids, and of studies' lower and upper ends."""

    lead: dict[str, Axis] = _LEAD_AXES
    reversion: dict[str, Axis] = _REVERSION_AXES


class StudySettings(Section):
    """The parameter search."""

    trials: int = Field(40, ge=1, le=1_000_000)  # entries; each is scored with all its exits
    seed: int = Field(7, ge=0)
    min_events: int = Field(30, ge=2)
    folds: int = Field(4, ge=1, le=50)  # of the training span; a set must do without any one
    train_share: float = Field(0.7, gt=0.1, lt=0.95)
    segments: Literal["all", "pairs", "full"] = "full"
    workers: int = Field(2, ge=1, le=256)


class ExportSettings(Section):
    """What the bot config must prove before a set is enabled."""

    min_events_out: int = Field(10, ge=2)
    candidates: int = Field(1, ge=1, le=20)


class SyntheticSettings(Section):
    """The embedded default market."""

    days: float = Field(30.0, gt=0, le=4000)
    seed: int = Field(7, ge=0)
    edge: float = Field(1.0, ge=0, le=5)


class Settings(Section):
    """Everything in force for one command."""

    market: str = "BTC"
    markets: dict[str, MarketSettings] = Field(
        default_factory=lambda: {
            base: MarketSettings(binance=f"{base}USDT", dydx=f"{base}-USD")
            for base in ("BTC", "ETH", "SOL", "DOGE", "LINK", "AVAX", "XRP", "ADA")
        }
    )
    store: StoreSettings = StoreSettings()
    fetch: FetchSettings = FetchSettings()
    frame: FrameSettings = FrameSettings()
    features: FeatureSettings = FeatureSettings()
    sessions: SessionSettings = SessionSettings()
    regime: RegimeSettings = RegimeSettings()
    costs: CostSettings = CostSettings()
    execution: ExecutionSettings = ExecutionSettings()
    axes: AxesSettings = AxesSettings()
    study: StudySettings = StudySettings()
    export: ExportSettings = ExportSettings()
    synthetic: SyntheticSettings = SyntheticSettings()

    @property
    def panel(self) -> PanelSettings:
        """What features are made by."""
        return PanelSettings(features=self.features, sessions=self.sessions, regime=self.regime)


def load_settings(path: Path | None = None) -> Settings:
    """Settings from ``path``, from ``leadfollow.toml`` here, or the defaults.

    Markets in the file are added to the default ones.

    Raises
    ------
    SettingsError
        The named file is missing, not TOML, or holds an unknown key or a value out of bounds.
    """
    raw = _read(path)
    where = str(path or DEFAULT_FILE)
    if isinstance(raw.get("markets"), dict):
        defaults = {name: dict(market) for name, market in Settings().markets.items()}
        raw = raw | {"markets": defaults | raw["markets"]}
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(_explain(error, where)) from None


def changed(settings: Settings, changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """``settings`` with single values set by section and name; None leaves a value alone.

    Raises
    ------
    SettingsError
        An unknown name or a value out of bounds.
    """
    raw = settings.model_dump()
    for section, values in changes.items():
        given = {name: value for name, value in values.items() if value is not None}
        raw[section] = raw[section] | given
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise SettingsError(_explain(error, "command line")) from None


def origins(path: Path | None = None) -> dict[str, str]:
    """Dotted name of every setting in force -> ``default`` or the file that sets it."""
    raw = _read(path)
    where = str(path or DEFAULT_FILE)
    found: dict[str, str] = {}
    for name in _leaves(load_settings(path).model_dump()):
        found[name] = where if _holds(raw, name.split(".")) else "default"
    return found


def _read(path: Path | None) -> dict[str, Any]:
    file = path or DEFAULT_FILE
    if path is None and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{file}: cannot be read ({error.strerror}); check --config or leave it out"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not TOML: {error}; mend that line") from None


def _leaves(table: dict[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict) and value:
            names += _leaves(value, f"{prefix}{key}.")
        else:
            names.append(f"{prefix}{key}")
    return names


def _holds(raw: Any, keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(raw, dict) or key not in raw:
            return False
        raw = raw[key]
    return True


def _explain(error: ValidationError, where: str) -> str:
    lines = []
    for problem in error.errors():
        location = [part for part in problem["loc"] if isinstance(part, str)]
        name = ".".join(location)
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, _known_names(), n=1, cutoff=0.0)
            lines.append(f"{where}: unknown key {name}; did you mean {near[0]}?")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{where}: {name} = {problem['input']!r}: {message}")
    return "\n".join(lines)


def _known_names() -> list[str]:
    sections = [
        name
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    ]
    return _leaves(Settings().model_dump()) + sections + ["markets"]
