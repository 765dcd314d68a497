"""One number for a list of trades: the same digest, the very same trades."""

import hashlib

from research.arrays import Ints, Records

__all__ = ["trades_digest"]


def trades_digest(minute: Ints, positions: Records) -> str:
    """SHA-256 over entry and exit minute, side, reason and prices of each trade, in order.

    Parameters
    ----------
    minute : int64 array, shape (rows,)
        Epoch minutes of the frame's rows.
    positions
        :data:`strategies.law.position.POSITION` records, in the order of entry. Prices count to
        ten digits: what another machine's last bit says is no other trade.
    """
    lines = (
        f"{minute[each['entry']]} {minute[each['exit']]} {each['side']} {each['reason']} "
        f"{each['entry_price']:.10g} {each['exit_price']:.10g}\n"
        for each in positions
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()
