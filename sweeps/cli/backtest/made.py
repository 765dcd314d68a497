"""Commands that are made of the registry of strategies when they are called, and not before.

The list of commands must not import what a strategy needs: it would take seconds.
"""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

__all__ = ["Commands"]

_LISTED = {
    "reversion": "Spread reversion: both venues against each other until the spread is back.",
    "lead": "Lead/follow: Binance has moved, dYdX still trades at a premium or discount.",
    "week": "The weekly look: spread distribution, every strategy; all segments into JSON.",
}


class _Listed(TyperCommand):
    """A command of which only the name and a sentence are known until it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        made = _made(str(self.name))
        return made.make_context(info_name, args, parent=parent, **extra)


class Commands(TyperGroup):
    """The commands, ``week``, and one for every strategy of the registry by its name."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Those that are listed; a strategy that is not is a command all the same."""
        return [*_LISTED, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, None where there is none."""
        if cmd_name in _LISTED:
            return _Listed(cmd_name, help=_LISTED[cmd_name])
        return super().get_command(ctx, cmd_name) or _made(cmd_name)


def _made(name: str) -> Any:
    from strategies.registry import STRATEGIES
    from sweeps.cli.backtest.analyses import strategy_command, week_command

    known = {strategy.name: strategy for strategy in STRATEGIES}
    if name == "week":
        callback = week_command()
    elif name in known:
        callback = strategy_command(known[name])
    else:
        return None
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(callback)
    return typer.main.get_command(app)
