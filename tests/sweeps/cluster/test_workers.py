"""Work on a cluster of processes: every result once, whoever dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from research.errors import ClusterError, StoreError
from sweeps.cluster import workers as module
from sweeps.cluster.address import Address
from sweeps.cluster.workers import Workers, workers
from tests.sweeps.cluster import jobs

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def two() -> Iterator[Workers]:
    with workers(Address(processes=2)) as found:
        yield found


def items(count: int) -> dict[str, int]:
    return {f"item {number}": number for number in range(count)}


def test_every_item_is_done_once_with_what_all_share(two: Workers) -> None:
    assert two.count == 2
    found = list(two.run(jobs.doubled, items(40), [3]))
    assert sorted(found) == sorted((name, number * 3) for name, number in items(40).items())


def test_both_workers_take_part(two: Workers) -> None:
    named = {str(number): 0.05 for number in range(12)}
    assert len({who for _, who in two.run(jobs.pid, named, None)}) == 2


def test_what_a_dead_worker_had_in_hand_another_does(two: Workers, tmp_path: Path) -> None:
    found = dict(two.run(jobs.dies_once, items(12), tmp_path))
    assert (tmp_path / "died").exists()
    assert found == items(12)


def test_work_that_kills_every_worker_is_named_as_the_culprit(two: Workers) -> None:
    with pytest.raises(ClusterError, match=r"killed 3 workers|workers died 5 times"):
        list(two.run(jobs.dies_always, {"one": 1}, None))
    assert dict(two.run(jobs.doubled, items(4), [1])) == items(4)  # the others came back


def test_a_refusal_comes_back_as_it_was_raised(two: Workers) -> None:
    with pytest.raises(StoreError, match="the disk is full"):
        list(two.run(jobs.refuses, items(4), None))


def test_leaving_early_gives_up_the_rest(two: Workers) -> None:
    found = two.run(jobs.pid, {str(number): 0.2 for number in range(50)}, None)
    next(found)
    found.close()
    assert dict(two.run(jobs.doubled, items(4), [1])) == items(4)


def test_workers_with_other_code_are_refused(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_code", lambda: "another commit")
    with pytest.raises(ClusterError, match="runs other code of leadfollow"):
        list(two.run(jobs.doubled, items(2), [1]))


def test_nobody_there_is_said_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 1.0)
    with (
        pytest.raises(ClusterError, match=r"no scheduler answers there .* `dask scheduler`"),
        workers(Address(url="tcp://127.0.0.1:9")),
    ):
        pass
