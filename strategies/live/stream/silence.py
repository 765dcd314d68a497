"""The rule of frames by which long silences are left out, as far as a bot can know it in time.

Source: :mod:`research.data.quality.exclusions`, which also says what a backtest knows earlier:
the minutes of a stretch before it was ``halt_min`` long, which :mod:`.intake` takes back.
"""

from research.settings.frame import FrameSettings

__all__ = ["Silences"]


class Silences:
    """How long each venue has been silent, and which minutes are not to be looked at."""

    def __init__(self, rule: FrameSettings) -> None:
        self._rule = rule
        self.runs = [0, 0]  # silent minutes up to now, by venue
        self.settling = [0, 0]  # minutes that are still to be left out, by venue

    def leaves_out(self, *has_traded: bool) -> bool:
        """Whether the minute in which the venues traded, or not, is left out."""
        found = False
        for venue, traded in enumerate(has_traded):
            if not traded:
                self.runs[venue] += 1
            elif self.runs[venue] > self._rule.halt_min:
                self.runs[venue], self.settling[venue] = 0, self._rule.settle_min
            else:
                self.runs[venue] = 0
            found |= self.runs[venue] > self._rule.halt_min
            if self.settling[venue] > 0:
                self.settling[venue] -= 1
                found = True
        return found

    def now_long(self) -> list[int]:
        """The venues whose silence has become too long with the last minute."""
        return [venue for venue, run in enumerate(self.runs) if run == self._rule.halt_min + 1]
