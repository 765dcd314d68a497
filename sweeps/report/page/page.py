"""The page of a run: sections in the order of reading, styles, script and data in one file."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path

from research.atomic import write_text
from research.errors import LeadfollowError
from sweeps.report.page.findings import asked, fallen, winners
from sweeps.report.page.flight import preflight
from sweeps.report.page.grids import grids
from sweeps.report.page.html import Html, element, joined
from sweeps.report.page.market import data, lead, models, spread
from sweeps.report.page.paper import paper
from sweeps.report.page.rest import provenance, studies
from sweeps.report.page.run_folder import RunFolder
from sweeps.report.page.section import Section, SectionOf

__all__ = ["PAGE", "SECTIONS", "document", "page_of", "write_page"]

PAGE = "report.html"
SECTIONS: tuple[tuple[str, SectionOf], ...] = (
    ("The verdict", asked),
    ("Winners, with their evidence", winners),
    ("Why the rest fell", fallen),
    ("Pre-flight", preflight),
    ("On paper", paper),
    ("Data and quality", data),
    ("Plain beside executable", models),
    ("Heatmaps", grids),
    ("Spread and basis over time", spread),
    ("Does Binance lead?", lead),
    ("Studies", studies),
    ("Where it came from", provenance),
)
"""In the order of reading. What else a run may hold adds a line here."""


def write_page(folder: Path) -> Path:
    """Writes ``report.html`` into the folder of a run.

    Raises
    ------
    StoreError
        No finished run of this version, or the folder cannot be written.
    """
    path = folder / PAGE
    write_text(path, page_of(RunFolder.open(folder)))
    return path


def page_of(run: RunFolder) -> str:
    """The page as a text. A section whose files are torn says so in its place."""
    sections = list(_sections(run))
    links = [element("li", element("a", each.title, href=f"#{each.name}")) for each in sections]
    body = joined(
        [
            element("header", element("h1", f"leadfollow: {run.label}")),
            element("nav", element("ul", *links), aria_label="Sections"),
            element("main", *(_shown(each) for each in sections)),
            *(each.data for each in sections if each.data is not None),
        ]
    )
    return document(f"leadfollow: {run.label}", body, scripts=("chart.js", "grid.js", "page.js"))


def document(title: str, body: Html, *, scripts: Sequence[str] = (), forms: bool = False) -> str:
    """A whole document whose policy allows its own script and styles, and nothing else."""
    style = _asset("page.css")
    script = "\n".join(_asset(name) for name in scripts)
    allowed = [f"default-src 'none'; style-src 'sha256-{_digest(style)}'; img-src data:"]
    if script:
        allowed.append(f"script-src 'sha256-{_digest(script)}'")
    forms_to = "'self'" if forms else "'none'"
    policy = "; ".join([*allowed, f"base-uri 'none'; form-action {forms_to}"])
    head = joined(
        [
            element("meta", charset="utf-8"),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("link", rel="icon", href="data:,"),
            element("title", title),
            Html(f"<style>{style}</style>"),
        ]
    )
    ending = Html(f"<script>{script}</script>") if script else Html("")
    whole = element("html", element("head", head), element("body", body, ending), lang="en")
    return f"<!doctype html>\n{whole}\n"


def _sections(run: RunFolder) -> Iterator[Section]:
    for title, make in SECTIONS:
        try:
            section = make(run)
        except LeadfollowError as error:
            section = Section(title.split()[0].lower(), title, _fault(str(error)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            words = f"this part of the run is damaged or of another version ({error!r})"
            section = Section(title.split()[0].lower(), title, _fault(words))
        if section is not None:
            yield section


def _fault(words: str) -> Html:
    return element("p", f"Not shown: {words}.", class_="alarm")


def _shown(section: Section) -> Html:
    heading = element("h2", section.title, id=f"{section.name}-title")
    return element(
        "section",
        heading,
        section.body,
        id=section.name,
        aria_labelledby=f"{section.name}-title",
    )


def _asset(name: str) -> str:
    return resources.files("sweeps.report.page").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
