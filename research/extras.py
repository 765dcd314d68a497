"""Optional parts of the distribution: asked for by name before they are needed."""

from collections.abc import Sequence
from importlib import import_module

from research.errors import ExtraError

__all__ = ["require_extra"]


def require_extra(extra: str, modules: Sequence[str], *, what: str) -> None:
    """Imports ``modules``, so that ``what`` can go on.

    Raises
    ------
    ExtraError
        One of them, or something that it needs itself, is not installed.
    """
    for module in modules:
        try:
            import_module(module)
        except ModuleNotFoundError as error:
            raise ExtraError(
                f"{what}: needs the package {error.name or module}, which is not installed; it "
                f"comes with the extra [{extra}]: pip install 'leadfollow[{extra}]'"
            ) from None
