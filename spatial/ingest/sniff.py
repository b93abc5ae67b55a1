"""Kind: what a stranger's file is, where its ending and its first bytes agree."""

from __future__ import annotations

import gzip
import lzma
import stat
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Literal, cast

from spatial.ingest.archive import chosen_entry, opened_entry
from spatial.ingest.caps import FILE_BYTES, UPLOAD_BYTES
from spatial.ingest.errors import InputError

__all__ = ["CUT_SHORT", "ENDINGS", "Kind", "check_file", "check_name", "opened", "sniff"]

Holds = Literal["table", "shapes", "raster"]
Packing = Literal["", "gz", "xz", "zip"]

CUT_SHORT: Final = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""What unpacking a damaged .gz or .xz raises."""

ENDINGS: Final[dict[str, str]] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "Excel",
    ".parquet": "Parquet",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GeoPackage",
    ".fgb": "FlatGeobuf",
    ".shp": "Shapefile",
    ".tif": "GeoTIFF",
    ".tiff": "GeoTIFF",
}
"""The short list: what each ending stands for."""

_STARTS: Final[dict[str, tuple[bytes, ...]]] = {
    "Excel": (b"PK\x03\x04",),
    "Parquet": (b"PAR1",),
    "GeoJSON": (b"{",),
    "GeoPackage": (b"SQLite format 3\0",),
    "FlatGeobuf": (b"fgb\x03",),
    "Shapefile": (b"\x00\x00\x27\x0a",),
    "GeoTIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
}
_GPKG_MARKS: Final = (b"GPKG", b"GP10", b"GP11")  # SQLite keeps the application's mark at 68
_PACKED: Final[dict[str, tuple[Packing, bytes]]] = {
    ".gz": ("gz", b"\x1f\x8b"),
    ".xz": ("xz", b"\xfd7zXZ\x00"),
}
_FOUND: Final = {
    b"PAR1": "a Parquet file",
    b"PARE": "an encrypted Parquet file",
    b"PK\x03\x04": "a zip or Excel file",
    b"\x1f\x8b": "a gzip file",
    b"\xfd7zXZ\x00": "an xz file",
    b"7z\xbc\xaf": "a 7z file",
    b"Rar!": "a rar file",
    b"SQLite format 3": "a GeoPackage or SQLite file",
    b"\xd0\xcf\x11\xe0": "an old or locked Excel file",
    b"fgb\x03": "a FlatGeobuf",
    b"\x00\x00\x27\x0a": "a Shapefile",
    b"%PDF": "a PDF",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"<": "XML or a web page",
}
_START_BYTES: Final = 4096
_XZ_BYTES: Final = 128 << 20  # of memory; the strongest preset needs 65 MiB
_NAME_BYTES: Final = 200
_RESERVED: Final = {"con", "prn", "aux", "nul"}  # devices, on Windows under any ending


@dataclass(frozen=True)
class Kind:
    """
    What a file is.

    Parameters
    ----------
    name
        "text", "Excel", "Parquet", "GeoJSON", "GeoPackage", "FlatGeobuf", "Shapefile" or "GeoTIFF".
    holds
        "table" (`read_table`), "shapes" (`read_shapes`) or "raster" (`load_raster`). Both readers
        take GeoParquet, which holds shapes.
    packing
        "gz", "xz" or "zip" around it, "" for none.
    entry
        Its name in the zip.
    """

    name: str
    holds: Holds
    packing: Packing = ""
    entry: str = ""


def sniff(
    path: str | Path, *, among: Collection[str] = tuple(ENDINGS), what: str = "a file"
) -> Kind:
    """
    What a file is by its ending, once its first bytes agree; cheap, and parses nothing.

    Parameters
    ----------
    path
        The file.
    among
        Endings allowed, some of `ENDINGS`; a .zip may hold one of them, a .gz or .xz one of text.
    what
        What is wanted, for the sentence: "a table".

    Raises
    ------
    InputError
        When there is no such file, its ending is not on the short list, its content is something
        else, or it is packed beyond reason; one sentence says the rule and the finding.
    """
    path = Path(path)
    check_file(path)
    ends = [part.lower() for part in path.suffixes]
    last = ends[-1] if ends else ""
    if last == ".zip":
        return _zipped(path, among)
    if last in _PACKED and ".csv" in among and ends[-2:-1] != [".tar"]:
        return _packed(path, ends)
    if last not in among:
        packed = [".zip", ".gz, .xz (of text)"] if ".csv" in among else [".zip"]
        listed = ", ".join([*among, *packed])
        raise InputError(f"{path.name}: {what} must end in {listed}, found {last or 'no ending'}")
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    _check_start(start, ENDINGS[last], path.name, last)
    if last == ".parquet":
        return Kind("Parquet", "shapes" if b"primary_column" in _footer(path) else "table")
    return Kind(ENDINGS[last], _holds(ENDINGS[last]))


def check_file(path: Path) -> None:
    """Raise InputError unless `path` is a file with something in it, and not too much."""
    if "\0" in str(path):
        raise InputError("a file's name must be text, found a zero byte in it")
    if path.is_dir():
        raise InputError(f"{path.name}: a file is needed, found a folder")
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{path.name}: a file is needed, found a device or pipe")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise InputError(f"{path.name}: a file is needed, found none at {path}") from None
    except OSError as error:
        raise InputError(
            f"{path.name[:60]}: the file must be readable, found {error.strerror}"
        ) from None
    size = found.st_size
    if not size:
        raise InputError(f"{path.name}: a file must have content, found it empty")
    if size > FILE_BYTES:
        raise InputError(f"{path.name}: a file must be at most 2 GiB, found {size / 2**30:.1f}")


def check_name(name: str, size: int) -> None:
    """Raise InputError unless an uploaded file's name is one plain name and its size allowed."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)[:60]
    rule = "a file's name must be one plain name without folders, found"
    plain = name.isprintable() and not set(name) & set('/\\:*?"<>|')
    if not plain or not name or name.startswith((".", "-", " ")) or ".." in name:
        raise InputError(f"{rule} {shown!r}")
    if len(name.encode(errors="replace")) > _NAME_BYTES or name.split(".")[0].lower() in _RESERVED:
        raise InputError(f"{rule} {shown!r}")
    if size > UPLOAD_BYTES:
        raise InputError(
            f"{shown}: an uploaded file must be at most {UPLOAD_BYTES >> 20} MB, found"
            f" {size / 2**20:.0f}"
        )


def opened(path: Path, packing: Packing) -> BinaryIO:
    """A file for reading, unpacked on the way where it is a .gz or .xz."""
    if packing == "gz":
        return cast("BinaryIO", gzip.open(path, "rb"))
    if packing == "xz":
        return cast("BinaryIO", lzma.open(path, "rb"))
    return path.open("rb")


def _packed(path: Path, ends: list[str]) -> Kind:
    packing, mark = _PACKED[ends[-1]]
    if ENDINGS.get(ends[-2] if len(ends) > 1 else "") != "text":
        raise InputError(
            f"{path.name}: a {ends[-1]} file must hold .csv, .tsv or .txt and end so, found"
            f" {''.join(ends[-2:])}"
        )
    with path.open("rb") as file:
        if not file.read(8).startswith(mark):
            raise InputError(
                f"{path.name}: a {ends[-1]} file must be packed so, found something else"
            )
    try:
        if packing == "xz":  # which may ask for gigabytes before its first byte
            with path.open("rb") as file:
                start = lzma.LZMADecompressor(memlimit=_XZ_BYTES).decompress(
                    file.read(1 << 16), _START_BYTES
                )
        else:
            with opened(path, packing) as file:
                start = file.read(_START_BYTES)
    except CUT_SHORT:
        raise InputError(
            f"{path.name}: a packed file must be whole, found it damaged or cut short"
        ) from None
    _check_start(start, "text", path.name, ends[-2])
    return Kind("text", "table", packing)


def _zipped(path: Path, among: Collection[str]) -> Kind:
    with path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            raise InputError(f"{path.name}: a .zip file must be a zip, found something else")
    entry = chosen_entry(path, among)
    ending = PurePosixPath(entry.filename.lower()).suffix
    with opened_entry(path, entry) as file:
        start = file.read(_START_BYTES)
    _check_start(start, ENDINGS[ending], path.name, ending)
    return Kind(ENDINGS[ending], _holds(ENDINGS[ending]), "zip", entry.filename)


def _holds(name: str) -> Holds:
    if name == "GeoTIFF":
        return "raster"
    return "table" if name in ("text", "Excel", "Parquet") else "shapes"


def _check_start(start: bytes, name: str, file: str, ending: str) -> None:
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if name == "text":
        if other := [words for mark, words in _FOUND.items() if plain.startswith(mark)]:
            raise InputError(f"{file}: a {ending} file must be text, found {other[0]}")
        return
    right = (plain if name == "GeoJSON" else start).startswith(_STARTS[name])
    if name == "GeoPackage":
        right = right and start[68:72] in _GPKG_MARKS
    if right:
        return
    if b"<OGRVRT" in start or b"<VRTDataset" in start:
        found = "something else: a VRT, which points at other files"
    else:
        named = [words for mark, words in _FOUND.items() if plain.startswith(mark)]
        found = "something else" + (f": {named[0]}" if named and name != "GeoPackage" else "")
    raise InputError(f"{file}: a {ending} file must be {name}, found {found}")


def _footer(path: Path) -> bytes:
    """Of a Parquet file: what its end says is the footer, where that can be."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 8))
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] == b"PARE":
            raise InputError(f"{path.name}: a Parquet file must be open, found it encrypted")
        if tail[4:] != b"PAR1" or length + 12 > size:
            raise InputError(
                f"{path.name}: a Parquet file must be whole, found it damaged or cut short"
            )
        file.seek(-8 - length, 2)
        return file.read(length)
