"""The command ``leadfollow``: one folder per command group, nothing heavy before it is needed.

Errors that a user can meet end with their message on stderr and exit code 2.
"""

from sweeps.cli.command import app, main

__all__ = ["app", "main"]
