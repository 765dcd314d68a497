"""Whether the bot may enter now: evidence and safety, asked at one door.

``decision`` is the answer and ``reasons`` its words; ``evidence`` knows which set speaks for a
minute, ``ranges`` whether the market still looks as it did; ``gate`` puts them and the risk
together, ``record`` writes an answer as a line of the journal.
"""

from strategies.live.gate.decision import Action, Decision
from strategies.live.gate.gate import Gate
from strategies.live.gate.reasons import Reason, Why
from strategies.live.gate.record import record_of

__all__ = ["Action", "Decision", "Gate", "Reason", "Why", "record_of"]
