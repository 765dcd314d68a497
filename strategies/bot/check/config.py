"""What is wrong with a bot config that its schema lets pass."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from strategies.bot.check.finding import Finding
from strategies.bot.check.units import unit_findings
from strategies.bot.conflicts import RULE
from strategies.bot.contract import BotConfig
from strategies.bot.validity import is_expired, moment_of

__all__ = ["config_findings"]

_SOON = timedelta(days=2)


def config_findings(config: BotConfig, now: datetime) -> list[Finding]:
    """Faults first: unknown parts, numbers changed by hand, units, age; then what to know."""
    found = [
        *_unknown(config),
        *_changed(config),
        *unit_findings(config),
        *_age(config, now),
        *_told(config),
    ]
    return sorted(found, key=lambda each: not each.is_fault)


def _unknown(config: BotConfig) -> Iterator[Finding]:
    names = ("validity", "guards", "lookbacks", "silence")
    missing = [name for name in names if getattr(config, name) is None]
    if missing:
        yield Finding(
            where=", ".join(missing),
            sentence="not in the file (schema 1, or minutes without ATR): make it anew with "
            "`leadfollow run`, or `export STUDIES`",
        )


def _changed(config: BotConfig) -> Iterator[Finding]:
    if config.evidence_sha256 is None:
        yield Finding(
            where="evidence_sha256",
            sentence="is not in the file: nobody can tell whether its numbers are those of the "
            "export",
        )
    elif config.evidence_sha256 != config.digest():
        yield Finding(
            where="evidence_sha256",
            sentence="a number was changed after the export: the evidence no longer speaks of it; "
            "only the guards are yours to change",
        )


def _age(config: BotConfig, now: datetime) -> Iterator[Finding]:
    if config.validity is None:
        return
    ends = moment_of(config.validity.expires_at)
    if is_expired(config.validity, now):
        days = (now - ends) / timedelta(days=1)
        yield Finding(
            where="validity.expires_at",
            sentence=f"expired {days:.1f} days ago ({config.validity.expires_at}): export anew "
            "from newer minutes",
        )
    elif ends - now < _SOON:
        hours = (ends - now) / timedelta(hours=1)
        yield Finding(
            where="validity.expires_at", sentence=f"expires in {hours:.0f} hours", is_fault=False
        )


def _told(config: BotConfig) -> Iterator[Finding]:
    if config.synthetic:
        yield Finding(
            where="synthetic", sentence="made on a synthetic market: never to be traded",
            is_fault=False,
        )  # fmt: skip
    if not config.enabled:
        yield Finding(where="sets", sentence="none is enabled: nothing may trade", is_fault=False)
    for each in config.enabled:
        if each.forced:
            yield Finding(
                where=each.id,
                sentence=f"forced: did not pass {'; '.join(each.failed)}",
                is_fault=False,
            )
    for clash in config.conflicts:
        yield Finding(
            where=f"{clash.loser} in {clash.segment}",
            sentence=f"{clash.winner} decides there: {RULE}",
            is_fault=False,
        )
