"""Foreign text as people may see it: nothing in it that a terminal or a page would obey."""

import unicodedata

__all__ = ["visible"]

_INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")  # controls, marks of direction, surrogates


def visible(text: str) -> str:
    """``text`` with what cannot be seen spelled out: ESC is ``\\x1b``; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(letter) for letter in text)


def _spelled(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _INVISIBLE:
        return letter
    return letter.encode("unicode_escape", "surrogatepass").decode()
