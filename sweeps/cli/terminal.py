"""Where commands print: light, so that the small ones answer at once."""

from rich.console import Console

from research.visible import visible

__all__ = ["console", "say", "warn"]

_plain = Console()
# piped into a file or a pager there is no width to respect, and 80 columns cut the headings
console = _plain if _plain.is_terminal else Console(width=120)


def say(text: str) -> None:
    """Prints ``text`` as it is: no markup, no colours guessed from numbers, no wrapping."""
    console.print(visible(text), markup=False, highlight=False, soft_wrap=True)


def warn(text: str) -> None:
    """Prints what makes all that follows doubtful, in red."""
    shown = f"RED: {visible(text)}"
    console.print(shown, style="bold red", markup=False, highlight=False, soft_wrap=True)
