"""Amounts of memory as people write them: 1GiB, 512MiB, 800MB."""

import re

from research.errors import SettingsError

__all__ = ["memory_mib"]

_UNITS = {"": 2**20, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40, "MB": 10**6, "GB": 10**9}


def memory_mib(text: str) -> int:
    """Whole MiB of an amount; a plain number is MiB.

    Raises
    ------
    SettingsError
        No amount, below 1 MiB or above a PiB.
    """
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([A-Za-z]*)\s*", text)
    unit = _UNITS.get(found.group(2).upper()) if found else None
    if found is None or unit is None:
        raise SettingsError(
            f"--memory {text}: must be an amount such as 1GiB, 512MiB or 800MB "
            "(a plain number is MiB)"
        )
    amount = int(float(found.group(1)) * unit) // 2**20
    if not 1 <= amount <= 2**30:
        raise SettingsError(f"--memory {text}: must be from 1 MiB to 1,048,576 GiB")
    return amount
