"""
Vector tiles: features as Mapbox Vector Tile 2.1 bytes, whole zooms at a time.

A tile is a protocol buffer, and every part of a feature in it (keys, lengths, tags, commands) is
a varint. So all features of a zoom are laid out as one long array of whole numbers, which turns
into bytes at once; only the tiles themselves are put together one by one.

References
----------
Mapbox Vector Tile Specification, version 2.1, sections 4.1 to 4.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.formats.common import text_columns

__all__ = [
    "EXTENT",
    "Values",
    "features",
    "gathered",
    "tile",
    "values_of",
    "varint",
    "varints",
    "zigzag",
]

EXTENT: Final = 8192  # units across a tile: a cell can be drawn far closer than its last zoom
_BYTES: Final = 10  # of a varint of 64 bits, at most

Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Values:
    """
    One column: the different values it holds, as messages, and which of them each row has.

    Parameters
    ----------
    name, kind
        Name, and what a viewer is told it is: Number, String or Boolean.
    codes
        Of each row, shape (n,); -1 where it has none.
    content, ends
        Messages of the different values, one after another, and where each ends, shape (m + 1,).
    """

    name: str
    kind: str
    codes: Whole
    content: Bytes
    ends: Whole


def values_of(table: pd.DataFrame) -> list[Values]:
    """Every column as a tile holds it: whole numbers as such, others as doubles, text as UTF-8."""
    return [
        _values(str(name), table[name], text=bool(text_columns(table[[name]]))) for name in table
    ]


def features(
    columns: list[Values], rows: Whole, tiles: Whole, shapes: tuple[Whole, Whole], *, kind: int
) -> tuple[Bytes, Whole, list[tuple[Bytes, Whole]]]:
    """
    Messages of all features of a zoom, and the values that their tags speak of.

    Parameters
    ----------
    columns
        As `values_of` gives them.
    rows, tiles
        Row of the table, and number of the tile from 0, of each feature; shape (n,), by tile.
    shapes
        Commands of all features, already zigzag, and where each feature's end, shape (n + 1,).
    kind
        Of shape: 2 lines, 3 polygons.

    Returns
    -------
    tuple
        Bytes of all features; where each tile's end, shape (tiles + 1,); and for each column
        the bytes of its values and where each tile's end.
    """
    count = int(tiles[-1]) + 1 if len(tiles) else 0
    local, tables, start = [], [], np.zeros(count, dtype=np.int64)
    for column in columns:
        found, held, ends = _by_tile(column, rows, tiles, count)
        local.append(np.where(found < 0, -1, found + start[tiles]))
        start = start + np.diff(ends)
        lengths = np.diff(column.ends)[held] if len(held) else np.zeros(0, dtype=np.int64)
        content = gathered(column.content, column.ends[:-1][held], lengths)
        tables.append((content, np.concatenate([[0], np.cumsum(lengths)])[ends]))
    tags, tag_ends = _tags(local, len(rows))
    content, ends = _messages(tags, tag_ends, *shapes, kind=kind)
    last = np.searchsorted(tiles, np.arange(count + 1))
    return content, ends[last], tables


def tile(name: str, keys: list[str], features: bytes, values: list[bytes]) -> bytes:
    """One tile with one layer."""
    layer = b"\x78\x02\x0a" + _sized(name.encode()) + features
    layer += b"".join(b"\x1a" + _sized(key.encode()) for key in keys)
    layer += b"".join(values) + b"\x28" + varint(EXTENT)
    return b"\x1a" + _sized(layer)


def varint(number: int) -> bytes:
    """One number as a varint."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def varints(numbers: Whole) -> tuple[Bytes, Whole]:
    """Numbers of 0 or more as varints, one after another, and the length of each."""
    unsigned = numbers.astype(np.uint64)
    lengths = varint_lengths(unsigned)
    ends = np.cumsum(lengths)
    found = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - lengths
    found[starts] = (unsigned & np.uint64(0x7F)).astype(np.uint8) | ((lengths > 1) << 7)
    for at in range(1, int(lengths.max()) if len(lengths) else 0):
        longer = lengths > at
        part = (unsigned[longer] >> np.uint64(7 * at)) & np.uint64(0x7F)
        more = (lengths[longer] > at + 1).astype(np.uint8) << 7
        found[starts[longer] + at] = part.astype(np.uint8) | more
    return found, lengths


def varint_lengths(unsigned: NDArray[np.uint64]) -> Whole:
    """Bytes of each number as a varint."""
    lengths = np.ones(len(unsigned), dtype=np.int64)
    for at in range(1, _BYTES):
        wider = unsigned >= np.uint64(1 << (7 * at))
        if not wider.any():
            break
        lengths += wider
    return lengths


def zigzag(numbers: Whole) -> Whole:
    """Signed whole numbers as such of 0 or more: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return (numbers << 1) ^ (numbers >> 63)


def gathered(content: Any, starts: Whole, lengths: Whole) -> Any:  # noqa: ANN401 - any array
    """Pieces of `content`, one after another."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    within = np.arange(total) - np.repeat(ends - lengths, lengths)
    return content[np.repeat(starts, lengths) + within]


def _sized(content: bytes) -> bytes:
    return varint(len(content)) + content


def _values(name: str, column: pd.Series, *, text: bool) -> Values:
    if text:
        codes, words = pd.factorize(column.to_numpy(dtype=object))
        texts = [str(one).encode() for one in words]
        messages = [b"\x0a" + _sized(one) for one in texts]
        return _packed(name, "String", codes, messages)
    if pd.api.types.is_bool_dtype(column):
        messages = [b"\x38\x00", b"\x38\x01"]
        return _packed(name, "Boolean", column.to_numpy(dtype=np.int64), messages)
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    codes, unique = pd.factorize(numbers)
    found = np.asarray(unique, dtype=np.float64)
    if (np.abs(found) < 2.0**53).all() and (found == np.round(found)).all():
        whole = zigzag(found.astype(np.int64))
        content, lengths = varints(whole)
        return _prefixed(name, codes, b"\x30", content, lengths)
    content = np.ascontiguousarray(found, dtype="<f8").view(np.uint8)
    return _prefixed(name, codes, b"\x19", content, np.full(len(found), 8, dtype=np.int64))


def _packed(name: str, kind: str, codes: NDArray[Any], messages: list[bytes]) -> Values:
    held = [b"\x22" + _sized(one) for one in messages]
    ends = np.cumsum([0, *map(len, held)])
    content = np.frombuffer(b"".join(held), dtype=np.uint8)
    return Values(name, kind, codes.astype(np.int64), content, ends.astype(np.int64))


def _prefixed(name: str, codes: NDArray[Any], key: bytes, content: Bytes, lengths: Whole) -> Values:
    """Numbers as messages: a key, a length of one byte and the key of their type before each."""
    ends = np.cumsum(np.concatenate([[0], lengths + 3]))
    found = np.empty(int(ends[-1]), dtype=np.uint8)
    starts = ends[:-1]
    found[starts], found[starts + 1], found[starts + 2] = 0x22, lengths + 1, key[0]
    own = np.ones(len(found), dtype=np.bool_)
    for at in range(3):
        own[starts + at] = False
    found[own] = content
    return Values(name, "Number", codes.astype(np.int64), found, ends)


def _by_tile(column: Values, rows: Whole, tiles: Whole, count: int) -> tuple[Whole, Whole, Whole]:
    """
    Place of each feature's value among those of its tile, and which values each tile holds.

    Returns
    -------
    tuple
        Places from 0, -1 where there is no value; codes of all tiles' values; and where each
        tile's end, shape (count + 1,).
    """
    codes = column.codes[rows]
    present = np.flatnonzero(codes >= 0)
    different = len(column.ends) - 1
    keys = tiles[present] * different + codes[present]
    unique, inverse = np.unique(keys, return_inverse=True)
    ends = np.searchsorted(unique, np.arange(count + 1) * different)
    places = np.full(len(rows), -1, dtype=np.int64)
    places[present] = inverse - ends[tiles[present]]
    return places, unique % max(different, 1), ends


def _tags(local: list[Whole], count: int) -> tuple[Whole, Whole]:
    """Pairs of key and value of each feature, and where each feature's end."""
    if not local:
        return np.empty(0, dtype=np.int64), np.zeros(count + 1, dtype=np.int64)
    places = np.stack(local, axis=1)
    pairs = np.stack([np.broadcast_to(np.arange(len(local)), places.shape), places], axis=2)
    present = places >= 0
    ends = np.concatenate([[0], np.cumsum(2 * present.sum(axis=1))])
    return pairs[present].ravel(), ends


def _messages(
    tags: Whole, tag_ends: Whole, commands: Whole, command_ends: Whole, *, kind: int
) -> tuple[Bytes, Whole]:
    """
    Feature messages, each with its key and length, and where each ends.

    Laid out as numbers: 0x12 length, 0x12 length tags, 0x18 kind, 0x22 length commands.
    """
    count = len(tag_ends) - 1
    tag_bytes = _summed(varint_lengths(tags.astype(np.uint64)), tag_ends)
    command_bytes = _summed(varint_lengths(commands.astype(np.uint64)), command_ends)
    whole = (
        4  # four keys of one byte, less that of the message, and one for the kind
        + varint_lengths(tag_bytes.astype(np.uint64))
        + tag_bytes
        + varint_lengths(command_bytes.astype(np.uint64))
        + command_bytes
    )
    n_tags, n_commands = np.diff(tag_ends), np.diff(command_ends)
    ends = np.concatenate([[0], np.cumsum(8 + n_tags + n_commands)])
    starts = ends[:-1]
    numbers = np.empty(int(ends[-1]), dtype=np.int64)
    numbers[starts], numbers[starts + 1] = 0x12, whole
    numbers[starts + 2], numbers[starts + 3] = 0x12, tag_bytes
    _put(numbers, starts + 4, tags, n_tags)
    middle = starts + 4 + n_tags
    numbers[middle], numbers[middle + 1] = 0x18, kind
    numbers[middle + 2], numbers[middle + 3] = 0x22, command_bytes
    _put(numbers, middle + 4, commands, n_commands)
    content, lengths = varints(numbers)
    sizes = np.concatenate([[0], np.cumsum(lengths)])
    return content, sizes[ends] if count else np.zeros(1, dtype=np.int64)


def _summed(lengths: Whole, ends: Whole) -> Whole:
    total = np.concatenate([[0], np.cumsum(lengths)])
    return np.diff(total[ends])


def _put(numbers: Whole, starts: Whole, pieces: Whole, lengths: Whole) -> None:
    before = np.cumsum(lengths) - lengths
    numbers[np.repeat(starts - before, lengths) + np.arange(len(pieces))] = pieces
