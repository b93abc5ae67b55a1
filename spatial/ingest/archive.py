"""Zips from strangers: looked at before anything is unpacked, and unpacked flat."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from spatial.ingest.caps import PACKED_RATIO, ZIP_BYTES, ZIP_ENTRIES
from spatial.ingest.errors import InputError

__all__ = ["checked_entries", "chosen_entry", "opened_entry", "unpacked"]

_SHAPEFILE: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BOOK_ENTRIES: Final = 5_000
_ENTRY_BYTES: Final = 200  # of the directory, per entry: a name and a few fields
_SMALL: Final = 1_000  # packed bytes below which the ratio means nothing
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_COMMENT: Final = 1 << 16
_DAMAGED: Final = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    RuntimeError,  # locked with a password
    NotImplementedError,
    ValueError,
    zlib.error,
)


def chosen_entry(path: Path, endings: Collection[str]) -> zipfile.ZipInfo:
    """
    The one file in a zip that is to be read: its Shapefile, or else its only file with an ending.

    Raises
    ------
    InputError
        When names are not flat, an entry is a link, there are too many, they unpack to too much,
        or none or several could be meant.
    """
    rule = f"{path.name}: a zip must hold one Shapefile or one table with flat names, found"
    entries = checked_entries(path, rule=rule, flat=True)
    known = [one for one in entries if _ending(one) in endings]
    shapes = [one for one in known if _ending(one) == ".shp"]
    if any(_ending(one) in (".zip", ".gz", ".xz", ".7z", ".rar", ".tar") for one in entries):
        raise InputError(f"{rule} a packed file within")
    wanted = shapes or [one for one in known if _ending(one) not in _SHAPEFILE]
    # What explains a table or shapes stands beside them.
    wanted = [one for one in wanted if _ending(one) != ".txt"] or wanted
    if len(wanted) != 1:
        raise InputError(f"{rule} {len(wanted)}")
    return wanted[0]


def checked_entries(path: Path, *, rule: str, flat: bool) -> list[zipfile.ZipInfo]:
    """
    The files of a zip, once their number, names and sizes are within reason.

    Parameters
    ----------
    path
        The zip.
    rule
        Start of the sentence it is refused with.
    flat
        Whether names must be without folders; a workbook's are not.
    """
    most = ZIP_ENTRIES if flat else _BOOK_ENTRIES
    _check_directory(path, rule, most)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    except _DAMAGED:
        raise InputError(f"{path.name}: a zip must be whole and open, found it damaged") from None
    if flat:
        entries = [one for one in entries if not one.filename.startswith("__MACOSX/")]
    if len(entries) > most:
        raise InputError(f"{rule} {len(entries)} files")
    for entry in entries:
        _check_entry(entry, rule, flat=flat)
    if sum(entry.file_size for entry in entries) > ZIP_BYTES:
        raise InputError(f"{rule} more than 1 GiB")
    names = [entry.filename.lower() for entry in entries]
    if twice := [name for number, name in enumerate(names) if name in set(names[:number])]:
        raise InputError(f"{rule} {twice[0][:60]!r} twice")
    return entries


@contextmanager
def opened_entry(path: Path, entry: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """One file of a zip for reading; what is damaged becomes one sentence."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(entry) as file:
            yield file
    except _DAMAGED as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path.name}: a zip must be whole and open, found it damaged") from None


def unpacked(path: Path, entry: str, folder: Path) -> Path:
    """
    One file of a zip in `folder`, a Shapefile with its parts, under names of our own.

    Parameters
    ----------
    path
        A zip that `chosen_entry` has looked at.
    entry
        What it chose.
    folder
        An empty folder.
    """
    stem, ending = PurePosixPath(entry).stem.lower(), PurePosixPath(entry.lower()).suffix
    parts = _SHAPEFILE if ending == ".shp" else (ending,)
    rule = f"{path.name}: a zip must hold one Shapefile or one table with flat names, found"
    for one in checked_entries(path, rule=rule, flat=True):
        if _ending(one) in parts and PurePosixPath(one.filename).stem.lower() == stem:
            with opened_entry(path, one) as source:
                _copy(source, folder / f"shapes{_ending(one)}", one, rule)
    return folder / f"shapes{ending}"


def _copy(source: IO[bytes], target: Path, entry: zipfile.ZipInfo, rule: str) -> None:
    with target.open("xb") as out:
        shutil.copyfileobj(source, out)
        if out.tell() != entry.file_size:
            raise InputError(f"{rule} {entry.filename[:60]!r} of another size than it says")


def _ending(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename.lower()).suffix


def _check_entry(entry: zipfile.ZipInfo, rule: str, *, flat: bool) -> None:
    name = entry.filename
    parts: Sequence[str] = name.replace("\\", "/").split("/")
    climbs = ".." in parts or "" in parts or ":" in name or "\0" in entry.orig_filename
    if climbs or (flat and (len(parts) > 1 or name.startswith("."))):
        raise InputError(f"{rule} {name[:60]!r}")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"{rule} a link")
    if entry.flag_bits & 1:
        raise InputError(f"{rule} {name[:60]!r} locked with a password")
    if entry.file_size > PACKED_RATIO * max(entry.compress_size, _SMALL):
        raise InputError(f"{rule} {name[:60]!r} packed beyond reason")


def _check_directory(path: Path, rule: str, most: int) -> None:
    """Refuse a directory of entries too long to be read, before it is read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_BYTES - _COMMENT))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise InputError(f"{path.name}: a zip must be whole and open, found it damaged")
    if tail[at - 20 : at].startswith(b"PK\x06\x07"):
        raise InputError(f"{rule} more than 65,535 files or 4 GiB")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length > most * _ENTRY_BYTES * 2:
        count = int.from_bytes(tail[at + 10 : at + 12], "little")
        raise InputError(f"{rule} {max(count, length // 400):,} files")
