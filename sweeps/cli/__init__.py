"""The command ``leadfollow``: one folder per command group, nothing heavy before it is needed.

Errors that a user can meet end with their message on stderr and exit code 2.
"""

import gc
import os

# Our matrices are small and there are many: threads of BLAS cost more than they do, and sums would
# depend on the number of cores. Read when numpy is imported, and by every process of ours.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Imports make half a million objects that live as long as the command: looking for garbage among
# them takes a tenth of a short command's time.
gc.set_threshold(50_000, 20, 20)

from sweeps.cli.command import app, main  # noqa: E402 (both must come first)

__all__ = ["app", "main"]
