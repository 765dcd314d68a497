"""``--cluster`` of the commands that hand out work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from research.errors import SettingsError
from sweeps.cli.terminal import say
from sweeps.cluster.address import Address, Tls, cluster_address
from sweeps.cluster.workers import Workers, workers
from sweeps.settings import Settings

__all__ = ["cluster_asked", "opened"]


def cluster_asked(text: str | None, settings: Settings) -> Address | None:
    """The cluster of ``--cluster``; None where work stays in this process.

    Raises
    ------
    ClusterError
        No such address, or TLS files that are not there.
    SettingsError
        One or two of the three TLS files are named.
    """
    if text is None:
        return None
    named = settings.cluster
    match (named.tls_ca, named.tls_cert, named.tls_key):
        case (None, None, None):
            return cluster_address(text)
        case (ca, cert, key) if ca is not None and cert is not None and key is not None:
            return cluster_address(text, Tls(ca=ca, cert=cert, key=key))
        case _:
            raise SettingsError("[cluster] names some TLS files: give tls_ca, tls_cert and tls_key")


@contextmanager
def opened(address: Address) -> Iterator[Workers[Any, Any]]:
    """The workers of ``address``, and a line that says how many there are."""
    with workers(address) as found:
        say(f"{address}: {found.count} workers")
        yield found
