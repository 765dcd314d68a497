"""HTML put together from values: whatever was not made here is text."""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from research.visible import visible

__all__ = ["Html", "element", "joined", "table"]

_VOID = ("br", "hr", "img", "input", "link", "meta")


class Html(str):
    """Markup that :func:`element` made; every other text is escaped."""

    __slots__ = ()


def element(tag: str, *children: Any, **attributes: Any) -> Html:
    """``<tag name="value">children</tag>``; ``class_`` is ``class``, ``aria_label`` its dash.

    Children that are no :class:`Html` are escaped, control characters spelled out. An attribute
    that is None is left out.
    """
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(visible(str(value)))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{told}>")
    return Html(f"<{tag}{told}>{joined(children)}</{tag}>")


def joined(parts: Iterable[Any]) -> Html:
    """The parts one after the other, escaped where they are no markup."""
    return Html(
        "".join(
            part if isinstance(part, Html) else html.escape(visible(str(part))) for part in parts
        )
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Html:
    """A table with a caption; the first cell of a row heads it, numbers are set to the right."""
    body = []
    for first, *others in rows:
        cells = [element("th", first, scope="row")]
        cells += [element("td", each, class_="n" if _is_number(each) else None) for each in others]
        body.append(element("tr", *cells))
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *(element("th", name, scope="col") for name in head))),
            element("tbody", *body),
        ),
        class_="wide",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _is_number(cell: Any) -> bool:
    text = str(cell).strip("+-% ").replace(",", "")
    return text.replace(".", "", 1).isdigit() or str(cell) == "-"
