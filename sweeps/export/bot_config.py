"""Winners into a bot config: what survived is enabled, the rest says why not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.atomic import temporaries_of, write_text
from research.clock import Clock
from research.features.panel import Panel
from research.lock import file_lock
from research.provenance import provenance
from research.settings.market import MarketSettings
from research.strict_json import finite_or_none
from strategies.backtest.backtest import BacktestResult
from strategies.bot.conflicts import conflicts_of
from strategies.bot.contract import KIND, SCHEMA_VERSION, BotConfig
from strategies.bot.evidence import Check, Evidence, Holdout, SetVerdict
from strategies.bot.parts import (
    CostsAssumed,
    ExecutionAssumed,
    Filters,
    Lookbacks,
    MarketNames,
    ParameterValue,
    RegimeRule,
    Silence,
)
from strategies.bot.preflight.trades_digest import trades_digest
from strategies.bot.sets import BotSet
from strategies.law.bounds import bounds
from strategies.law.filters import EntryFilters
from sweeps.export.fitted import guards_of, validity_of
from sweeps.settings import Settings
from sweeps.verdict.judgement import Judged
from sweeps.verdict.lines import Line
from sweeps.verdict.verdict import Verdict

__all__ = ["bot_config", "signed", "write_bot_config"]


def bot_config(
    panel: Panel,
    settings: Settings,
    judged: Sequence[Judged],
    *,
    command: Sequence[str],
    verdict: Verdict | None = None,
) -> BotConfig:
    """The config of all judged claims that have a set; ``settings`` of their search.

    Parameters
    ----------
    panel
        With the regime edges that the sets were found with.
    verdict
        The one that judged them: its other lines (stress, placebos), and who opened the holdout.
    """
    frame = panel.frame
    sets = tuple(
        _bot_set(panel, each, _lines(each, verdict)) for each in judged if each.params is not None
    )
    return signed(
        BotConfig(
            schema_version=SCHEMA_VERSION,
            kind=KIND,
            synthetic=frame.is_synthetic,
            market=_market(frame.market, settings),
            **_labels(panel),
            silence=Silence(**settings.frame.model_dump()),
            validity=validity_of(panel, settings.bot),
            guards=guards_of(panel, settings.bot, settings.verdict.order_usd),
            holdout=None if verdict is None else _holdout(panel, verdict),
            sets=sets,
            conflicts=conflicts_of(sets),
            provenance=provenance(
                origin=frame.origin,
                parameters=settings.model_dump(mode="json", include={"study", "verdict", "axes"}),
                command=command,
                seed=settings.study.seed,
            ),
            evidence_sha256=None,
        )
    )


def signed(config: BotConfig) -> BotConfig:
    """``config`` with the digest of what it says."""
    return config.model_copy(update={"evidence_sha256": config.digest()})


def write_bot_config(config: BotConfig, path: Path) -> None:
    """Writes ``config`` atomically. Raises StoreError, LockError."""
    lock = path.with_name(f".{path.name}.lock")
    with file_lock(lock, busy="another export writes this file; run it again", clock=Clock()):
        for left in temporaries_of(path):  # of an export that was killed
            left.unlink(missing_ok=True)
        write_text(path, config.to_json())


def _market(name: str, settings: Settings) -> MarketNames:
    names = settings.markets.get(name, MarketSettings(binance=name, dydx=name))
    return MarketNames(name=name, **names.model_dump())


def _labels(panel: Panel) -> dict[str, Any]:
    """How the bot tells session, regime and excess spread of a minute."""
    made_by, edges = panel.settings, panel.edges
    return {
        "sessions": made_by.sessions.model_dump(),
        "basis_min": made_by.features.basis_min,
        "regime": RegimeRule(
            atr_min=made_by.features.atr_min,
            low=finite_or_none(edges.low),
            high=finite_or_none(edges.high),
            fitted_on=edges.fitted_on,
            edges="in-sample" if edges.is_in_sample else "training span",
        ),
        "lookbacks": Lookbacks(
            realized_vol_min=made_by.features.realized_vol_min, rsi_bars=made_by.features.rsi_bars
        ),
    }


def _lines(judged: Judged, verdict: Verdict | None) -> list[Line]:
    """Those that decide; where it may trade, what was measured beside them, too."""
    if verdict is None or not judged.enabled:
        return list(judged.lines)
    return [*judged.lines, *(line for line in verdict.lines_of(judged) if not line.decides)]


def _holdout(panel: Panel, verdict: Verdict) -> Holdout:
    """Its span, and how many different searches have opened it, this one among them."""
    held = verdict.walk.last.test
    before = {look.identity for look in verdict.opened_before} - {verdict.identity}
    return Holdout(
        first_minute=_minute(panel, held.start),
        last_minute=_minute(panel, held.stop - 1),
        opened_by=1 + len(before),
    )


def _bot_set(panel: Panel, judged: Judged, lines: Sequence[Line]) -> BotSet:
    params, inside = judged.params, judged.inside
    assert params is not None and inside is not None  # noqa: S101, PT018 (asked by the caller)
    units = bounds(params)
    mode: Any = inside.strategy.mode_of(params)
    return BotSet(
        id=judged.name,
        enabled=judged.enabled,
        forced=False,
        failed=(),
        reason=judged.reason,
        strategy=inside.strategy.name,
        mode=mode,
        segment=judged.claim.where.name,
        reference=params.reference,
        parameters={
            name: ParameterValue.model_validate(
                {"value": getattr(params, name), "unit": units[name].unit}
            )
            for name in inside.strategy.axes
        },
        filters=_filters(params.filters),
        execution=ExecutionAssumed(
            fill=inside.execution.fill,
            touch=inside.execution.touch,
            overlap=inside.execution.overlap,
            trusts_prints=inside.execution.trusts_prints,
        ),
        costs=CostsAssumed(
            fees_bps=inside.costs.fees_bps,
            slippage_bps=inside.costs.slippage_bps,
            funding=inside.costs.funding and inside.panel.frame.has_funding,
        ),
        in_sample=_evidence(inside),
        holdout=None if judged.held_out is None else _evidence(judged.held_out),
        out_of_sample=_pooled(panel, judged),
        verdict=_verdict(judged, lines),
        sets_tried=judged.sets_tried,
    )


def _verdict(judged: Judged, lines: Sequence[Line]) -> SetVerdict:
    test, known = judged.proof.test, {}
    if test is not None:
        known = {
            "days": test.days,
            "mean_pct": test.mean,
            "lower_pct": finite_or_none(test.lower),
            "upper_pct": finite_or_none(test.upper),
            "std_error_pct": finite_or_none(test.std_error),
            "p": finite_or_none(test.p_value),
        }
    names = ("days", "mean_pct", "lower_pct", "upper_pct", "std_error_pct", "p")
    return SetVerdict(
        trades=len(judged.trades),
        **(dict.fromkeys(names) | known),
        p_after_gates=finite_or_none(judged.proof.p_adjusted),
        checks=tuple(
            Check(**{name: each.to_json()[name] for name in Check.model_fields}) for each in lines
        ),
    )


def _filters(filters: EntryFilters) -> Filters:
    values = {name: getattr(filters, name) for name in Filters.model_fields}
    return Filters.model_validate(
        values
        | {
            "max_age_min": finite_or_none(filters.max_age_min),
            "max_funding_pct": finite_or_none(filters.max_funding_pct),
            "score_min": finite_or_none(filters.score_min),
        }
    )


def _evidence(result: BacktestResult) -> Evidence:
    return Evidence(
        first_minute=_minute(result.panel, result.rows.start),
        last_minute=_minute(result.panel, result.rows.stop - 1),
        report=dict(result.report().to_json(result.strategy.report_columns)),
        trades_sha256=trades_digest(result.panel.minute, result.positions),
    )


def _pooled(panel: Panel, judged: Judged) -> Evidence:
    """The walk's trades: of the sets that each of its searches chose."""
    columns = judged.strategy.report_columns
    return Evidence(
        first_minute=_minute(panel, judged.pooled_rows.start),
        last_minute=_minute(panel, judged.pooled_rows.stop - 1),
        report=dict(judged.report.to_json(columns)),
        trades_sha256=None,
    )


def _minute(panel: Panel, row: int) -> str:
    return f"{panel.frame.table.index[row]:%Y-%m-%dT%H:%MZ}"
