"""First minute: lead/follow on the first minute of an excess alone.

The third strategy of the tests: one folder, and one line in the list of strategies.
"""

from tests.samples.first_minute.params import FirstMinuteParams

__all__ = ["FirstMinuteParams"]
