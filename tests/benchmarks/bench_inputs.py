"""Inputs: the made-up cases, and seeded changes of every format that is read.

``python tests/benchmarks/bench_inputs.py --json`` prints one JSON line last: ``cases`` (files whose
right result is written down), ``silent_wrong`` (read without a word, and not what stands in the
file) and ``tracebacks`` (an error that is no sentence), both 0 if all is well.
"""

import argparse
import collections
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from research.data.files.read import read_candles, read_source
from research.data.quality.red import findings_of_pair
from research.data.quality.venue_pair import assess_pair
from research.errors import LeadfollowError
from tests.benchmarks.inputs_damage import Rows, Sample, samples, spoiled
from tests.samples.case_files import CASES, READ, REFUSED

MUTATIONS = 400
SEED = 11
# pairs that are judged by quality: what its red findings must say ("": nothing)
PAIRS = {
    "00-reference": "", "14-thousand-x": "1,000 times", "15-redenomination": "2026-02-03T14:24Z",
    "16-wick": "2026-02-03T07:40Z high", "18-dst-local": "--shift-min -60 and -120",
    "19-named-by-close": "CLOSE time", "20-true-lag": "looks the same", "21-tiny-price": "",
    "27-split-late": "2026-02-08T15:36Z",
}  # fmt: skip


def run(mutations: int = MUTATIONS, seed: int = SEED) -> dict[str, Any]:
    """Figures of all cases and of ``mutations`` changed files."""
    counts: collections.Counter[str] = collections.Counter()
    named: list[str] = []
    for case, outcome in [*_read_cases(), *_refused_cases(), *_pair_cases()]:
        counts["cases"] += 1
        counts[outcome] += 1
        if outcome != "right":
            named.append(f"{outcome}: {case}")
    with tempfile.TemporaryDirectory() as folder:
        for case, outcome in _mutated(Path(folder), mutations, seed):
            counts[f"mutations_{outcome}" if outcome in ("read", "refused") else outcome] += 1
            if outcome not in ("read", "refused"):
                named.append(f"{outcome}: {case}")
    names = ("cases", "right", "silent_wrong", "tracebacks", "mutations_read", "mutations_refused")
    return {name: counts[name] for name in names} | {"mutations": mutations, "named": named[:20]}


def _read_cases() -> list[tuple[str, str]]:
    found = []
    for name, venue, minutes in READ:
        try:
            rows = len(read_candles(CASES / name, venue).candles)
            found.append((name, "right" if rows == minutes else "silent_wrong"))
        except LeadfollowError as error:
            found.append((f"{name}: {error}", "refused_sound"))
        except Exception as error:
            found.append((f"{name}: {error!r}", "tracebacks"))
    return found


def _refused_cases() -> list[tuple[str, str]]:
    found = []
    for name, venue, said in REFUSED:
        try:
            read_source(CASES / name, venue)
            found.append((name, "silent_wrong"))
        except LeadfollowError as error:
            found.append((name, "right" if said in str(error) else "other_reason"))
        except Exception as error:
            found.append((f"{name}: {error!r}", "tracebacks"))
    return found


def _pair_cases() -> list[tuple[str, str]]:
    """The pairs lie beside the checkout (20 MB): without them nothing is counted."""
    root = CASES.parents[3] / "shared/data/cases"
    found = []
    for name, said in PAIRS.items() if root.is_dir() else ():
        case = root / name
        theirs = next(path for path in (case / "dydx.json", case / "dydx.csv") if path.exists())
        binance = read_candles(case / "binance.csv", "binance").candles
        red = findings_of_pair(assess_pair(binance, read_candles(theirs, "dydx").candles))
        is_right = any(said in each.sentence for each in red) if said else not red
        found.append((name, "right" if is_right else "silent_wrong"))
    return found


def _mutated(folder: Path, mutations: int, seed: int) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    made = [(sample, spoiled(sample, chance)) for sample in samples(folder)]
    truth = {sample.name: _truth(sample, folder) for sample, _ in made}
    found = []
    for number in range(mutations):
        sample, ways = made[number % len(made)]
        way, data = next(ways)
        place = folder / f"{number}"
        outcome = _outcome(sample, way, data, place, truth[sample.name])
        found.append((f"{number} {sample.name} {way}", outcome))
        shutil.rmtree(place, ignore_errors=True)
    return found


def _truth(sample: Sample, folder: Path) -> Rows | None:
    place = folder / "truth"
    place.mkdir(exist_ok=True)
    path = place / sample.name
    path.write_bytes(sample.data)
    rows = sample.read(path)
    path.unlink()
    return rows


def _outcome(sample: Sample, way: str, data: bytes, place: Path, truth: Rows | None) -> str:
    place.mkdir()
    path = place / sample.name
    path.write_bytes(data)
    try:
        rows = sample.read(path)
    except LeadfollowError:
        return "refused"
    except Exception as error:
        sys.stderr.write(f"{sample.name} {way}: {error!r}\n")
        return "tracebacks"
    if way == "flip" or rows is None or truth is None:
        return "read"
    is_true = all(truth.get(name) == row for name, row in rows.items())
    is_whole = way == "damage" or len(rows) == len(truth)
    return "read" if is_true and is_whole else "silent_wrong"


def main() -> None:
    """Prints the figures; exit code 1 where something is silently wrong or falls over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON line last")
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    figures = run(given.mutations, given.seed)
    sys.stdout.write(json.dumps(figures, indent=None if given.json else 2) + "\n")
    sys.exit(bool(figures["silent_wrong"] or figures["tracebacks"] or figures["named"]))


if __name__ == "__main__":
    main()
