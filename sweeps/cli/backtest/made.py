"""Commands that are made of the registry of strategies when they are called, and not before.

The list of commands must not import what a strategy needs: it would take seconds.
"""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from strategies.listed import LISTED, summary_of

__all__ = ["Commands"]

_WEEK = "The weekly look: spread distribution, every strategy; all segments into JSON."


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
        """One for each strategy, ``week``, and the others."""
        return [*LISTED, "week", *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, None where there is none."""
        if cmd_name == "week":
            return _Listed(cmd_name, help=_WEEK)
        if cmd_name in LISTED:
            return _Listed(cmd_name, help=summary_of(cmd_name))
        return super().get_command(ctx, cmd_name)


def _made(name: str) -> Any:
    from strategies.registry import strategy_named
    from sweeps.cli.backtest.analyses import strategy_command, week_command

    callback = week_command() if name == "week" else strategy_command(strategy_named(name))
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(callback)
    return typer.main.get_command(app)
