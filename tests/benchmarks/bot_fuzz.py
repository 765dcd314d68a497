"""Broken configs and cards: none is accepted, none ends in a traceback.

Every way of breaking is one that a reader must notice: damaged text, keys gone or added, values of
another type or a factor of 100 off, dates past, sets enabled without proof, sections edited by
hand. Each file goes through ``config check`` (its exit code must not be 0) and through the commands
that read it.
"""

import contextlib
import copy
import io
import json
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from strategies.bot.contract import BotConfig
from sweeps.cli import main
from sweeps.export.bot_config import signed
from sweeps.export.cards import updated_card
from tests.benchmarks.bot_faults import ready
from tests.samples.bot.cards import foreign_card

NOW = datetime(2026, 1, 16, tzinfo=UTC)
Break = Callable[[dict[str, Any], random.Random], str]
Places = list[tuple[str | int, ...]]
_AMBIGUOUS = {"expected_win_rate", "max_daily_loss_usdt"}  # a card cannot say which unit is meant


def run(count: int | None = None) -> dict[str, Any]:
    """``count`` files (300), a card after each two configs."""
    chance = random.Random(151)
    figures = {"files": 0, "accepted_broken": 0, "tracebacks": 0, "refused": 0, "sound_refused": 0}
    named: list[str] = []
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        config, card = _sound()
        for kind, sound in (("config", config), ("card", card)):
            Path(f"sound-{kind}.json").write_text(json.dumps(sound))
            figures["sound_refused"] += _called("config", "check", f"sound-{kind}.json")[0] != 0
        for number in range(count or 300):
            kind, sound = ("card", card) if number % 3 == 2 else ("config", config)
            way, data = _broken(kind, sound, chance)
            path = Path(f"{kind}.json")
            path.write_bytes(data)
            outcome = _outcome(kind, path)
            figures["files"] += 1
            figures[outcome] += 1
            if outcome != "refused":
                named.append(f"{number} {kind} {way}: {outcome}")
    return figures | {"named": named[:20]}


def _sound() -> tuple[dict[str, Any], dict[str, Any]]:
    config = ready().config
    path = Path("base.json")
    path.write_text(json.dumps(foreign_card()))
    change = updated_card(config, path, maker_fee_bps=1.0)
    return json.loads(config.to_json()), json.loads(change.after)


def _outcome(kind: str, path: Path) -> str:
    code, said = _called("config", "check", str(path))
    if "Traceback" in said:
        sys.stderr.write(said)
        return "tracebacks"
    readers = [("config", "diff", f"sound-{kind}.json", str(path))]
    if kind == "config":
        readers += [("export", str(path), "--out", "again.json")]
        readers += [("preflight", str(path), "--offline", "--store", str(ready().store))]
    else:
        readers += [("export", "sound-config.json", "--format", "card", "--base", str(path),
                     "--out", "out.json", "--yes")]  # fmt: skip
    for reader in readers:
        _, told = _called(*reader)
        if "Traceback" in told:
            sys.stderr.write(told)
            return "tracebacks"
    return "refused" if code != 0 else "accepted_broken"


def _called(*arguments: str) -> tuple[int, str]:
    """Exit code and what was said; an error that is no sentence says Traceback."""
    out, before = io.StringIO(), sys.argv
    is_dated = arguments[0] == "preflight" or arguments[:2] == ("config", "check")
    now = ("--now", f"{NOW:%Y-%m-%dT%H:%MZ}") if is_dated else ()
    sys.argv = ["leadfollow", *arguments, *now]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    except BaseException:
        return 70, out.getvalue() + traceback.format_exc()
    finally:
        sys.argv = before
    return code, out.getvalue()


# ------------------------------------------------------------------ ways to break a file


def _broken(kind: str, sound: dict[str, Any], chance: random.Random) -> tuple[str, bytes]:
    if chance.random() < 0.25:
        return _damaged(json.dumps(sound, indent=2), chance)
    ways = _CONFIG if kind == "config" else _CARD
    while True:
        made = copy.deepcopy(sound)
        way = chance.choice(ways)(made, chance)
        if way and made != sound:
            return way, json.dumps(made, indent=2).encode()


def _damaged(text: str, chance: random.Random) -> tuple[str, bytes]:
    at = chance.randrange(1, len(text) - 2)
    first = json.dumps(next(iter(json.loads(text))))
    return chance.choice((
        ("truncated", text[:at].encode()),
        ("empty", b""),
        ("nul byte", text[:at].encode() + b"\0" + text[at:].encode()),
        ("not utf-8", text.replace('"', '"\xff', 1).encode("latin-1")),
        ("utf-16", text.encode("utf-16")),
        ("bom", b"\xef\xbb\xbf" + text.encode()),
        ("key twice", text.replace("{", "{" + first + ": 0,", 1).encode()),
        ("nan", text.replace(": ", ": NaN, \"x\": ", 1).encode()),
        ("endless", text.replace(": ", ": 1e999, \"x\": ", 1).encode()),
        ("deep", b"[" * 100_000),
        ("trailing comma", text.rstrip()[:-1].encode() + b",}"),
        ("two values", text.encode() * 2),
        ("a list", f"[{text}]".encode()),
        ("a comment", text.replace("{", "{ // note\n", 1).encode()),
        ("long number", text.replace(": ", ": " + "9" * 5000 + ", \"x\": ", 1).encode()),
    ))  # fmt: skip


def _places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in the file; not what came from where, which is free text."""
    if at and at[0] == "provenance":
        return
    inner = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())  # fmt: skip
    for key, each in inner:
        yield (*at, key)
        yield from _places(each, (*at, key))


def _parent(made: dict[str, Any], place: tuple[str | int, ...]) -> Any:
    found: Any = made
    for key in place[:-1]:
        found = found[key]
    return found


def _of_a_card(made: dict[str, Any]) -> Places:
    """Places in a card that somebody here knows."""
    known = {section: set(values) for section, values in foreign_card().items()
             if isinstance(values, dict)}  # fmt: skip
    known["basic"] = {"symbol"}
    return [
        each for each in _places(made)
        if each[0] in ("lead_follow", "spread_reversion")
        or (len(each) == 2 and each[1] in known.get(str(each[0]), ()))
    ]  # fmt: skip


def _gone(made: dict[str, Any], chance: random.Random) -> str:
    place = chance.choice([each for each in _places(made) if isinstance(each[-1], str)])
    del _parent(made, place)[place[-1]]
    return f"gone {place}"


def _gone_of_ours(made: dict[str, Any], chance: random.Random) -> str:
    ours = [each for each in _of_a_card(made) if each[0] in ("lead_follow", "spread_reversion")]
    place = chance.choice([each for each in ours if len(each) > 1 and isinstance(each[-1], str)])
    del _parent(made, place)[place[-1]]
    return f"gone {place}"


def _another(value: Any, chance: random.Random) -> Any:
    """A value of another type."""
    if isinstance(value, bool) or value is None:
        return chance.choice(["yes", 7, [1]])
    if isinstance(value, int | float):
        return chance.choice([str(value), True, [value], {}])
    if isinstance(value, str):
        return chance.choice([7, True, [value], {}])
    return chance.choice(["x", 7, True])


def _typed(places: Callable[[dict[str, Any]], Places]) -> Break:
    def change(made: dict[str, Any], chance: random.Random) -> str:
        place = chance.choice(places(made))
        parent = _parent(made, place)
        parent[place[-1]] = _another(parent[place[-1]], chance)
        return f"type of {place}"

    return change


def _times(places: Callable[[dict[str, Any]], Places]) -> Break:
    def change(made: dict[str, Any], chance: random.Random) -> str:
        place = chance.choice(places(made))
        parent = _parent(made, place)
        value = parent[place[-1]]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or (place[-1] in _AMBIGUOUS and place[0] != "guards"):
            return ""
        parent[place[-1]] = value * 100 if chance.random() < 0.5 else value / 100
        return f"{value} -> {parent[place[-1]]} at {place}"

    return change


def _resealed(change: Break) -> Break:
    """Edited by somebody who seals it again: only units and sense are left to notice."""

    def edit(made: dict[str, Any], chance: random.Random) -> str:
        way = change(made, chance)
        try:
            sealed = signed(BotConfig.model_validate_json(json.dumps(made)))
        except ValueError:
            return way
        made["evidence_sha256"] = sealed.evidence_sha256
        return way and f"{way}, sealed"

    return edit


def _thresholds(made: dict[str, Any]) -> Places:
    """Numbers of enabled sets that carry a unit."""
    return [
        ("sets", number, *rest)
        for number, each in enumerate(made["sets"])
        if each["enabled"]
        for rest in [
            *(("parameters", name, "value") for name in ("tp", "sl", "horizon", "move_pct")),
            ("costs", "fees_bps"),
        ]
    ]


def _added(made: dict[str, Any], chance: random.Random) -> str:
    place = chance.choice([(), *_places(made)])
    owner: Any = _parent(made, (*place, ""))
    if not isinstance(owner, dict):
        return ""
    owner["surprise"] = 1
    return f"key at {place}"


def _enabled(made: dict[str, Any], chance: random.Random) -> str:
    refused = [each for each in made["sets"] if not each["enabled"]]
    chance.choice(refused)["enabled"] = True
    return "a refused set enabled"


def _version(made: dict[str, Any], chance: random.Random) -> str:
    made["schema_version"] = chance.choice([0, 1, 3, 99, "2", 2.5, None, True])
    return f"version {made['schema_version']!r}"


def _past(made: dict[str, Any], chance: random.Random) -> str:
    made["validity"]["expires_at"] = chance.choice(["2025-01-01T00:00Z", "soon", "2026-01-08", ""])
    return "expired, or no date"


def _card_past(made: dict[str, Any], chance: random.Random) -> str:
    made["lead_follow"]["expires_at"] = chance.choice(["2025-01-01T00:00Z", "soon", "", None])
    return "expired, or no date"


def _another_market(made: dict[str, Any], chance: random.Random) -> str:
    made["basic"]["symbol"] = chance.choice(["ETH/USDT", "BTC", "BTC/USDT/x", 7])
    return "another market"


def _section(made: dict[str, Any], chance: random.Random) -> str:
    name = chance.choice(list(foreign_card()))
    made[name] = chance.choice([7, [], True, None])
    return f"{name} is none"


def _all(made: dict[str, Any]) -> Places:
    return list(_places(made))


def _guards(made: dict[str, Any]) -> Places:
    return [each for each in _places(made) if each[0] == "guards"]


_CONFIG: tuple[Break, ...] = (
    _gone, _typed(_all), _times(_all), _times(_guards), _added, _enabled, _version, _past,
    _resealed(_times(_thresholds)),
)  # fmt: skip
_CARD: tuple[Break, ...] = (
    _gone_of_ours, _typed(_of_a_card), _times(_of_a_card), _card_past, _another_market, _section,
)  # fmt: skip
