"""What changes for the bot between two configs, in words."""

from collections.abc import Iterator
from typing import Any

from strategies.bot.check.values import changed, differences, said
from strategies.bot.contract import BotConfig
from strategies.bot.sets import BotSet
from strategies.law.bounds import bounds
from strategies.registry import strategy_named

__all__ = ["config_changes"]


def config_changes(one: BotConfig, two: BotConfig) -> list[str]:
    """Sentences, what may trade first; empty where nothing changes for the bot."""
    return [
        *_market(one, two),
        *_sets(one, two),
        *_conflicts(one, two),
        *_labels(one, two),
        *_validity(one, two),
        *_guards(one, two),
    ]


def _market(one: BotConfig, two: BotConfig) -> Iterator[str]:
    if one.market != two.market:
        yield (
            f"ANOTHER MARKET: {one.market.name} ({one.market.dydx}) before, "
            f"{two.market.name} ({two.market.dydx}) now"
        )
    if one.synthetic != two.synthetic:
        yield (
            "now made on a synthetic market: never to be traded"
            if two.synthetic
            else "now made on recorded minutes, before on a synthetic market"
        )


def _sets(one: BotConfig, two: BotConfig) -> Iterator[str]:
    before, after = ({each.id: each for each in config.sets} for config in (one, two))
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        traded, trades = (each is not None and each.enabled for each in (old, new))
        if trades and not traded:
            assert new is not None  # noqa: S101 (trades says so)
            forced = f", FORCED: did not pass {'; '.join(new.failed)}"
            yield f"{name} may trade now{forced if new.forced else f': {new.reason}'}"
            yield f"  {_told(new)}"
        elif traded and not trades:
            why = "it is not in the file" if new is None else new.reason
            yield f"{name} may trade no more: {why}"
        elif traded and old is not None and new is not None:
            yield from _same_set(old, new)


def _same_set(old: BotSet, new: BotSet) -> Iterator[str]:
    if old.forced != new.forced:
        yield f"{new.id}: {'now forced' if new.forced else 'proven now, before it was forced'}"
    known = bounds(strategy_named(new.strategy).params_type)
    for name, parameter in new.parameters.items():
        before = old.parameters.get(name)
        if before is not None and before.value != parameter.value:
            meaning = known[name].meaning or name
            yield (
                f"{new.id}: {name} {before.value:g} -> {parameter.value:g} {parameter.unit} "
                f"({meaning[0].lower()}{meaning[1:]})"
            )
    for part in ("reference", "filters", "execution", "costs"):
        yield from (
            f"{new.id}: {changed(path, x, y)}"
            for path, x, y in differences(part, _plain(old, part), _plain(new, part))
        )
    yield from _evidence(old, new)


def _evidence(old: BotSet, new: BotSet) -> Iterator[str]:
    names = {"events": "trades", "avg_pnl": "mean net percent", "lcb_pnl": "lower bound percent"}
    moved = [
        f"{words} {_number(old, name)} -> {_number(new, name)}"
        for name, words in names.items()
        if _number(old, name) != _number(new, name)
    ]
    if moved:
        yield f"{new.id}: evidence: {', '.join(moved)}"


def _number(bot_set: BotSet, name: str) -> str:
    value = bot_set.out_of_sample.report.get(name)
    return "unknown" if value is None else f"{value:.4g}"


def _told(bot_set: BotSet) -> str:
    return ", ".join(
        f"{name} {each.value:g} {each.unit}" for name, each in bot_set.parameters.items()
    )


def _conflicts(one: BotConfig, two: BotConfig) -> Iterator[str]:
    for clash in two.conflicts:
        if clash not in one.conflicts:
            yield f"in {clash.segment} minutes {clash.winner} decides now, not {clash.loser}"
    for clash in one.conflicts:
        if clash not in two.conflicts:
            yield f"in {clash.segment} minutes {clash.winner} and {clash.loser} no longer compete"


def _labels(one: BotConfig, two: BotConfig) -> Iterator[str]:
    words = {"low": "calm is below", "high": "wild is from"}
    for name, word in words.items():
        before, after = getattr(one.regime, name), getattr(two.regime, name)
        if before != after:
            yield f"regime: {word} {said(before)} -> {said(after)} percent of ATR"
    for part in ("sessions", "basis_min", "lookbacks", "silence"):
        yield from _part(one, two, part)
    if one.regime.atr_min != two.regime.atr_min:
        yield f"regime: ATR over {one.regime.atr_min} -> {two.regime.atr_min} minutes"


def _validity(one: BotConfig, two: BotConfig) -> Iterator[str]:
    before, after = one.validity, two.validity
    if before is None or after is None:
        if before is not after:
            known = "is known now" if before is None else "is not known any more"
            until = f" ({after.expires_at})" if after is not None else ""
            yield f"until when it holds {known}{until}"
        return
    if before.expires_at != after.expires_at:
        yield f"it holds until {after.expires_at}, before until {before.expires_at}"
    for name, fitted in after.ranges.items():
        old = before.ranges.get(name)
        if old is not None and (old.low, old.high) != (fitted.low, fitted.high):
            yield (
                f"{name} must stay within {fitted.low:.4g} to {fitted.high:.4g} percent, before "
                f"{old.low:.4g} to {old.high:.4g}"
            )


def _guards(one: BotConfig, two: BotConfig) -> Iterator[str]:
    yield from _part(one, two, "guards")


def _part(one: BotConfig, two: BotConfig, name: str) -> Iterator[str]:
    for path, before, after in differences(name, _plain(one, name), _plain(two, name)):
        yield changed(path, before, after)


def _plain(owner: Any, name: str) -> Any:
    value = getattr(owner, name)
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
