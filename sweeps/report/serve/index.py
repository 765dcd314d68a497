"""The runs of a folder, and the page that lists them."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from research.errors import LeadfollowError
from sweeps.report.page.html import Html, element, joined, table
from sweeps.report.page.page import document
from sweeps.report.page.run_folder import RunFolder

__all__ = ["index_page", "runs_in"]


def runs_in(folder: Path) -> dict[str, RunFolder | str]:
    """Each run by name, newest first: opened, or a sentence why it cannot be.

    A folder counts as a run if its name ends with the digest that `leadfollow run` gives it or it
    holds a ``report.json``. Links that lead out of ``folder`` are passed over.
    """
    found: dict[str, RunFolder | str] = {}
    root = folder.resolve()
    for path in sorted(folder.iterdir(), key=lambda each: each.name, reverse=True):
        is_inside = path.is_dir() and path.resolve().parent == root
        if not is_inside or path.name.startswith("."):
            continue
        if not (path / "report.json").exists() and not path.name.endswith(".partial"):
            continue
        try:
            found[path.name] = RunFolder.open(path)
        except LeadfollowError as error:
            found[path.name] = str(error)
    return found


def index_page(runs: Mapping[str, RunFolder | str], title: str) -> str:
    """The list of runs, and a form that puts two side by side.

    Parameters
    ----------
    title
        What the folder is called, for the title.
    """
    sound = [name for name, run in runs.items() if isinstance(run, RunFolder)]
    rows = [_row(name, run) for name, run in runs.items()]
    parts: list[Html] = [element("h1", f"Runs in {title}")]
    if not rows:
        parts.append(element("p", "No run here yet: make one with `leadfollow run`."))
    else:
        head = ("run", "market and minutes", "proven", "command")
        parts.append(table("Newest first", head, rows))
    if len(sound) > 1:
        parts.append(_form(sound))
    return document(f"Runs in {title}", element("main", *parts), forms=True)


def _row(name: str, run: RunFolder | str) -> tuple[object, ...]:
    if isinstance(run, str):
        return (name, element("span", run, class_="alarm"), "-", "-")
    try:
        verdict = run.report["verdict"]
        proven = [claim for claim, each in verdict.items() if each["enabled"]]
        link = element("a", name, href=f"/run/{quote(name)}")
        words = ", ".join(proven) or "nothing"
        return (link, run.label, words, run.report["provenance"]["command"])
    except (LeadfollowError, KeyError, TypeError, AttributeError) as error:
        return (name, element("span", f"damaged ({error!r})", class_="alarm"), "-", "-")


def _form(names: list[str]) -> Html:
    chosen = [
        element(
            "label",
            title,
            element("select", *(element("option", each) for each in order), name=key),
        )
        for key, title, order in (
            ("a", "One", names[1:] + names[:1]),
            ("b", "beside another", names),
        )
    ]
    button = element("button", "Compare", type="submit", class_="act")
    return joined(
        [
            element("h2", "Two runs side by side"),
            element("form", *chosen, button, action="/compare", method="get", class_="controls"),
        ]
    )
