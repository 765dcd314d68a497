"""``leadfollow config``: what is in force, and from where; and the bot's files."""

import typer

from sweeps.cli.bot import check
from sweeps.cli.options import ConfigOption

__all__ = ["app"]

app = typer.Typer(
    help="Settings in force; what is wrong with a bot config or card, what another changes.",
    no_args_is_help=True,
)
check.register(app)


@app.callback()
def group() -> None:
    """Settings in force; what is wrong with a bot config or card, what another changes."""


@app.command()
def show(config: ConfigOption = None) -> None:
    """Prints every setting, its value and where the value comes from.

    Example: leadfollow config show --config my.toml
    """
    from rich.console import Console
    from rich.table import Table

    from sweeps.settings import STORE_VARIABLE, load_settings, origins

    values = load_settings(config).model_dump(mode="json")
    table = Table("setting", "value", "from", title="Settings in force")
    for name, origin in origins(config).items():
        value = values
        for key in name.split("."):
            value = value[key]
        table.add_row(name, str(value), origin)
    table.caption = f"options of a command win over {STORE_VARIABLE}, that over the file"
    Console().print(table)
