"""A paper run: what the gate would have let through, filled against the book as it was.

``run`` takes events and decides, ``orders`` fills them, ``ledger`` is the one truth about
positions, ``checkpoint`` what a restart goes on from, ``report`` reads the ledger alone and
``compare`` holds it against the law's own trades.
"""

from strategies.live.paper.ledger import Ledger, read_ledger
from strategies.live.paper.report import PaperReport, report_of
from strategies.live.paper.run import PaperRun
from strategies.live.settings import PaperSettings

__all__ = ["Ledger", "PaperReport", "PaperRun", "PaperSettings", "read_ledger", "report_of"]
