import shutil
from pathlib import Path

from research.jit import kernel_sources, sources_digest

REPO = Path(__file__).resolve().parents[2]


def copy_sources(tmp_path: Path) -> Path:
    for file in kernel_sources():
        target = tmp_path / file.relative_to(REPO)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return tmp_path


def test_every_law_and_feature_is_among_the_kernel_sources() -> None:
    names = {file.relative_to(REPO).as_posix() for file in kernel_sources()}
    assert {
        "strategies/law/position.py",
        "strategies/lead_follow/kernel.py",
        "strategies/reversion/kernel.py",
        "research/features/spread.py",
    } <= names


def test_a_changed_callee_in_another_file_changes_the_cache_folder(tmp_path: Path) -> None:
    root = copy_sources(tmp_path)
    before = sources_digest(root)
    assert before == sources_digest(root)
    callee = root / "strategies" / "law" / "position.py"
    callee.write_text(callee.read_text().replace("* 100.0", "* 100.5", 1))
    assert sources_digest(root) != before


def test_the_digest_of_the_same_sources_is_the_same_elsewhere(tmp_path: Path) -> None:
    assert sources_digest(copy_sources(tmp_path)) == sources_digest()
