"""What stands in an answer's body and headers, whoever wrote them."""

import email.utils
import json
import re
from collections.abc import Mapping
from typing import Any

from research.errors import FormatError

__all__ = ["page_title", "parse_json", "retry_after_s"]


def parse_json(body: bytes, place: str) -> Any:
    """The JSON value in ``body``; NaN and Infinity are no JSON.

    Raises
    ------
    FormatError
        HTML, half a body, or anything else that is not JSON, with its beginning.
    """
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        shown = page_title(body) or repr(body[:60].decode("utf-8", errors="replace"))
        raise FormatError(
            f"{place}: the answer is not JSON ({type(error).__name__}): {shown}; "
            "look at the address, a proxy or a login page may answer in its place"
        ) from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def retry_after_s(headers: Mapping[str, str], unit_s: float, now_s: float) -> float:
    """Seconds to wait by ``Retry-After`` (a number of ``unit_s`` or an HTTP date); 1 if unsaid."""
    told = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", told):
        return float(told) * unit_s
    try:
        return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - now_s)
    except (TypeError, ValueError, OverflowError):
        return 1.0


def page_title(body: bytes) -> str:
    """Quoted title or error message of an HTML or XML page, empty if it has none."""
    text = body[:4096].decode("utf-8", errors="replace")
    found = re.search(r"<(title|Code|Message)[^>]*>\s*([^<]{1,80})", text, re.IGNORECASE)
    return repr(found.group(2).strip()) if found else ""
