"""Names of clusters: ``local:4`` or ``tcp://host:8786``, and the files that TLS needs."""

import re
from dataclasses import dataclass
from pathlib import Path

from research.errors import ClusterError

__all__ = ["Address", "Tls", "cluster_address"]

_LOCAL = re.compile(r"local:([1-9]\d{0,2})")
_REMOTE = re.compile(r"(tcp|tls)://[^\s/@:]+:\d{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Files in PEM: of the authority that signed the cluster, and of this client."""

    ca: Path
    cert: Path
    key: Path

    def __post_init__(self) -> None:
        for name, file in (("ca", self.ca), ("cert", self.cert), ("key", self.key)):
            if not file.is_file():
                raise ClusterError(
                    f"[cluster] tls_{name} = {file}: no such file; give the PEM file that the "
                    "scheduler was started with"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A cluster that is asked for.

    Attributes
    ----------
    processes
        Of a cluster that lives on this machine while it is used; 0 for one that is there already.
    url
        Of the scheduler that is there already.
    tls
        None where the scheduler speaks plain tcp.
    """

    processes: int = 0
    url: str = ""
    tls: Tls | None = None

    def __str__(self) -> str:
        return self.url or f"local:{self.processes}"


def cluster_address(text: str, tls: Tls | None = None) -> Address:
    """Reads ``local:N``, ``tcp://host:port`` or ``tls://host:port``.

    Raises
    ------
    ClusterError
        It is none of these, or ``tls://`` without files.
    """
    if local := _LOCAL.fullmatch(text):
        return Address(processes=int(local[1]))
    if not (remote := _REMOTE.fullmatch(text)):
        raise ClusterError(
            f"--cluster {text!r}: write local:N for N processes on this machine, or the address "
            "of a scheduler, such as tcp://192.168.1.10:8786"
        )
    if remote[1] == "tls" and tls is None:
        raise ClusterError(
            f"--cluster {text}: TLS needs tls_ca, tls_cert and tls_key in [cluster] of the settings"
        )
    return Address(url=text, tls=tls if remote[1] == "tls" else None)
