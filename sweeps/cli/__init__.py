"""The command ``leadfollow``: one folder per command group, nothing heavy before it is needed.

Errors that a user can meet end with their message on stderr and exit code 2.
"""

import os

# Our matrices are small and there are many: threads of BLAS cost more than they do, and sums would
# depend on the number of cores. Read when numpy is imported, and by every process of ours.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from sweeps.cli.command import app, main

__all__ = ["app", "main"]
