"""Numbers and moments of JSON text, read inside kernels: exactly as Python reads them, or not.

A number that the short roads cannot round correctly for certain is refused (place 0); its line
is then read by Python. Every function returns the place after what it read, 0 where it refuses.
"""

from typing import Any, Final

import numpy as np

from research.jit import kernel

__all__ = ["POWERS", "byte", "read_moment", "read_number", "to_float"]

_MOST: Final = 60  # decimal places
_EXACT_POWER: Final = 22  # 10**22 is the last power of ten that float64 holds
POWERS: Final = np.array([float(10**n) for n in range(_MOST + 1)])
_POWERS_LOW: Final = np.array([float(10**n - int(float(10**n))) for n in range(_MOST + 1)])
_MAX_DIGITS: Final = 18  # of a mantissa in int64
_EXACT: Final = 2**53
_SPLIT: Final = 134_217_729.0  # 2**27 + 1, Veltkamp's splitter (Dekker 1971)
_SAFETY: Final = 2.0**-40
_MAX_EXPONENT: Final = 400


@kernel
def byte(data: Any, at: int) -> int:
    """``data[at]``. An unsigned place saves the look for a negative one: a third of all time."""
    return np.int64(data[np.uint64(at)])  # type: ignore[return-value]


@kernel
def read_number(data: Any, at: int, stop: int) -> tuple[int, float]:
    """(place after, value) of the JSON number at ``data[at:stop]``."""
    is_negative = byte(data, at) == 45
    i = at + 1 if is_negative else at
    mantissa, digits, scale, first = 0, 0, 0, i
    while i < stop and 48 <= byte(data, i) <= 57:
        mantissa = mantissa * 10 + (byte(data, i) - 48) if digits < _MAX_DIGITS else mantissa
        digits += 1 if mantissa > 0 else 0
        i += 1
    whole_digits = i - first
    if whole_digits == 0 or (whole_digits > 1 and byte(data, first) == 48):
        return 0, 0.0
    is_whole = True
    if i < stop and byte(data, i) == 46:
        is_whole = False
        i += 1
        first = i
        while i < stop and 48 <= byte(data, i) <= 57:
            mantissa = mantissa * 10 + (byte(data, i) - 48) if digits < _MAX_DIGITS else mantissa
            digits += 1 if mantissa > 0 else 0
            i += 1
        scale = first - i
        if scale == 0:
            return 0, 0.0
    if i < stop and (byte(data, i) == 101 or byte(data, i) == 69):
        is_whole = False
        i, exponent = _read_exponent(data, i + 1, stop)
        if i == 0:
            return 0, 0.0
        scale += exponent
    if digits > _MAX_DIGITS:
        return 0, 0.0
    is_certain, value = to_float(mantissa, scale)
    if not is_certain:
        return 0, 0.0
    if is_negative and not (is_whole and mantissa == 0):  # Python's -0 is the integer 0
        value = -value
    return i, value


@kernel
def _read_exponent(data: Any, at: int, stop: int) -> tuple[int, int]:
    i = at
    is_negative = i < stop and byte(data, i) == 45
    if i < stop and (byte(data, i) == 45 or byte(data, i) == 43):
        i += 1
    first, exponent = i, 0
    while i < stop and 48 <= byte(data, i) <= 57:
        exponent = min(exponent * 10 + (byte(data, i) - 48), _MAX_EXPONENT)
        i += 1
    if i == first:
        return 0, 0
    return i, -exponent if is_negative else exponent


@kernel
def to_float(mantissa: int, scale: int) -> tuple[bool, float]:
    """(whether certain, ``mantissa * 10**scale`` rounded to the nearest float64).

    Up to 2**53 and 10**22 both operands are exact and one operation rounds correctly (Clinger
    1990). Else mantissa and power are divided as sums of two floats; where the rest is too near
    to the middle between two floats, nothing is claimed.
    """
    if mantissa == 0:
        return True, 0.0
    if scale == 0:
        return True, float(mantissa)
    if abs(scale) <= _EXACT_POWER and mantissa <= _EXACT:
        value = float(mantissa)
        return True, value * POWERS[scale] if scale > 0 else value / POWERS[-scale]
    if scale > 0 or scale < -_MOST:
        return False, 0.0
    return _divide(mantissa, POWERS[-scale], _POWERS_LOW[-scale])


@kernel
def _divide(mantissa: int, divisor: float, divisor_low: float) -> tuple[bool, float]:
    high = float(mantissa)
    low = float(mantissa - np.int64(high))
    quotient = high / divisor
    product = quotient * divisor
    # what the product lost, exactly (Dekker)
    part = _SPLIT * quotient
    q_high = part - (part - quotient)
    q_low = quotient - q_high
    part = _SPLIT * divisor
    d_high = part - (part - divisor)
    d_low = divisor - d_high
    lost = ((q_high * d_high - product) + q_high * d_low + q_low * d_high) + q_low * d_low
    rest = (((high - product) - lost) + (low - quotient * divisor_low)) / divisor
    slack = abs(rest) * _SAFETY
    value = quotient + rest
    return quotient + (rest - slack) == quotient + (rest + slack), value


@kernel
def _two(data: Any, at: int) -> int:
    tens, ones = byte(data, at) - 48, byte(data, at + 1) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else 1_000_000


@kernel
def read_moment(data: Any, start: int, stop: int) -> tuple[int, int]:
    """(place after, ms since 1970) of ``"YYYY-MM-DDTHH:MM:SS.mmmZ"``, the journal's own form."""
    if start + 26 > stop or byte(data, start) != 34 or byte(data, start + 25) != 34:
        return 0, 0
    at = start + 1
    if byte(data, at + 4) != 45 or byte(data, at + 7) != 45 or byte(data, at + 10) != 84:
        return 0, 0
    if (
        byte(data, at + 13) != 58
        or byte(data, at + 16) != 58
        or byte(data, at + 19) != 46
        or byte(data, at + 23) != 90
    ):
        return 0, 0
    year = _two(data, at) * 100 + _two(data, at + 2)
    month, day = _two(data, at + 5), _two(data, at + 8)
    hour, minute, second = _two(data, at + 11), _two(data, at + 14), _two(data, at + 17)
    last = byte(data, at + 22) - 48
    ms = _two(data, at + 20) * 10 + last
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 31 - (month - 1) % 7 % 2 if month != 2 else (29 if is_leap else 28)
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= days):
        return 0, 0
    if hour > 23 or minute > 59 or second > 59 or ms > 999 or not 0 <= last <= 9:
        return 0, 0
    return start + 26, ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + (
        second * 1000 + ms
    )


@kernel
def _days(year: int, month: int, day: int) -> int:
    # days since 1970-01-01 in the proleptic Gregorian calendar, years begun in March
    y = year - 1 if month <= 2 else year
    in_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return y * 365 + y // 4 - y // 100 + y // 400 + in_year - 719_468
