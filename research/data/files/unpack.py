"""Packed bytes -> the one file inside: ZIP, tar, gzip, bzip2, xz, Zstandard, one in the other."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Final

import pyarrow as pa

from research.errors import FormatError

__all__ = ["Member", "take_out", "unpacked"]

_HEADS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
)
_MOST_LAYERS: Final = 3
_IDLE_NAMES: Final = (".ds_store", "thumbs.db", "desktop.ini")
_IDLE_ENDINGS: Final = (".checksum", ".sha256", ".md5")
_TORN: Final = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, pa.ArrowInvalid, EOFError,
    OSError, NotImplementedError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """The one file inside an archive."""

    name: str
    data: bytes


def unpacked(data: bytes, *, place: str, most_bytes: int) -> tuple[bytes, str, str]:
    """Bytes inside of every packing, the name inside ("" where none), and what was unpacked.

    ``data`` comes back as it is where it is not packed.

    Raises
    ------
    FormatError
        As :func:`take_out`; also more layers than anybody packs.
    """
    name, layers = "", ""
    for _ in range(_MOST_LAYERS):
        kind = _packing(data)
        if kind is None:
            return data, name, layers
        if kind == "ZIP" and "ZIP" in layers:
            raise FormatError(f"{place}: a ZIP inside a ZIP; unpack it first")
        layers += f"{kind} of "
        if kind in ("ZIP", "tar"):
            member = take_out(data, place=place, most_bytes=most_bytes)
            data, name = member.data, member.name
        else:
            data = _inflated(data, kind, place, most_bytes)
    if _packing(data) is not None:
        raise FormatError(f"{place}: packed more than {_MOST_LAYERS} times; unpack it first")
    return data, name, layers


def take_out(data: bytes, *, place: str, most_bytes: int) -> Member:
    """The one file in a ZIP or tar, read no further than ``most_bytes``.

    What a system or an exchange puts beside a file (``__MACOSX``, checksums) does not count.

    Raises
    ------
    FormatError
        A torn or encrypted archive, a workbook, none or several files in it, or one that is too
        large: the size is measured while unpacking, an archive's own figures are not believed.
    """
    kind = "tar" if _packing(data) == "tar" else "ZIP"
    try:
        if kind == "tar":
            return _of_tar(data, place, most_bytes)
        return _of_zip(data, place, most_bytes)
    except _TORN as error:
        raise FormatError(f"{place}: torn {kind} ({error}); fetch the file again") from None
    except RuntimeError:
        raise FormatError(f"{place}: the ZIP is encrypted; unpack it first") from None


def _packing(data: bytes) -> str | None:
    if data[257:262] == b"ustar":
        return "tar"
    return next((kind for head, kind in _HEADS if data.startswith(head)), None)


def _of_zip(data: bytes, place: str, most_bytes: int) -> Member:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        _check_workbook(names, place)
        name = _only(names, place, "ZIP")
        with archive.open(name) as stream:
            return Member(_leaf(name), _bounded(stream.read, place, "ZIP", most_bytes))


def _of_tar(data: bytes, place: str, most_bytes: int) -> Member:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        members = {info.name: info for info in archive.getmembers() if info.isfile()}
        name = _only(list(members), place, "tar")
        stream: IO[bytes] | None = archive.extractfile(members[name])
        if stream is None:
            raise FormatError(f"{place}: the tar holds no plain file; unpack it and name the file")
        return Member(_leaf(name), _bounded(stream.read, place, "tar", most_bytes))


def _leaf(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _only(names: Sequence[str], place: str, kind: str) -> str:
    candidates = [name for name in names if not _is_idle(name)]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise FormatError(f"{place}: the {kind} holds no file of minutes; fetch it again")
    shown = ", ".join(map(_leaf, candidates[:3])) + (" ..." if len(candidates) > 3 else "")
    raise FormatError(
        f"{place}: the {kind} holds {len(candidates)} files, expected one; unpack it and name the "
        f"files to import, several may be given at once: {shown}"
    )


def _is_idle(name: str) -> bool:
    leaf = _leaf(name).lower()
    return (
        "__macosx" in name.lower()
        or leaf.startswith("._")
        or leaf in _IDLE_NAMES
        or leaf.endswith(_IDLE_ENDINGS)
    )


def _check_workbook(names: Sequence[str], place: str) -> None:
    if "[Content_Types].xml" in names or any(name.startswith("xl/") for name in names):
        raise FormatError(f"{place}: an Excel workbook; save the sheet as CSV (UTF-8)")
    if "mimetype" in names and "content.xml" in names:
        raise FormatError(f"{place}: an OpenDocument workbook; save the sheet as CSV (UTF-8)")
    if names and all(name.endswith(".npy") for name in names):
        raise FormatError(f"{place}: NumPy arrays without column names; save a table as Parquet")


def _inflated(data: bytes, kind: str, place: str, most_bytes: int) -> bytes:
    try:
        if kind == "Zstandard":
            with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as packed:
                return _bounded(packed.read, place, kind, most_bytes)
        with _open(data, kind) as stream:
            return _bounded(stream.read, place, kind, most_bytes)
    except _TORN as error:
        raise FormatError(f"{place}: torn {kind} ({error}); fetch the file again") from None


def _open(data: bytes, kind: str) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    packed = io.BytesIO(data)
    if kind == "gzip":
        return gzip.GzipFile(fileobj=packed)
    return bz2.BZ2File(packed) if kind == "bzip2" else lzma.LZMAFile(packed)


def _bounded(read: Callable[[int], bytes], place: str, kind: str, most_bytes: int) -> bytes:
    content = read(most_bytes + 1)
    if len(content) > most_bytes:
        raise FormatError(
            f"{place}: the {kind} unpacks to more than {most_bytes:,} bytes; "
            "no month of minutes is that large: fetch the file again"
        )
    if not content.strip(b" \t\r\n\0"):
        raise FormatError(f"{place}: the {kind} holds an empty file; fetch the file again")
    return content
