"""Who may ask: a token from a file or the environment, compared in constant time."""

import hmac
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from research.errors import LiveError

__all__ = ["TOKEN_VARIABLE", "is_bearer", "load_token"]

TOKEN_VARIABLE = "LEADFOLLOW_GATE_TOKEN"  # noqa: S105 - the name of a variable
_LEAST = 16
_CURE = "make one with `head -c 24 /dev/urandom | base64 > FILE; chmod 600 FILE`"


def load_token(path: Path | None, environment: Mapping[str, str]) -> str:
    """The token in the file ``path``, else in the environment.

    Raises
    ------
    LiveError
        There is none, it is short or holds spaces, or others may read its file.
    """
    if path is None:
        token, where = environment.get(TOKEN_VARIABLE, ""), TOKEN_VARIABLE
        if not token:
            raise LiveError(
                f"gate: no token; name a file by --token-file or set {TOKEN_VARIABLE}; {_CURE}"
            )
    else:
        token, where = _read(path), str(path)
    if len(token) < _LEAST or not token.isascii() or not token.isprintable() or " " in token:
        raise LiveError(
            f"{where}: a token needs {_LEAST} printable letters or more and no space; {_CURE}"
        )
    return token


def is_bearer(header: bytes, token: str) -> bool:
    """Whether the header ``Authorization`` brings the token."""
    scheme, _, given = header.partition(b" ")
    known = hmac.compare_digest(given.strip(), token.encode())
    return known and scheme.lower() == b"bearer"


def _read(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY)
        with os.fdopen(descriptor, encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise LiveError(f"{path}: others may read the token; chmod 600 {path}")
            return file.read(4096).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LiveError(f"{path}: the token cannot be read ({error}); {_CURE}") from None
