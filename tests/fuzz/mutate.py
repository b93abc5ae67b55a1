"""Small harms to honest bytes: flips, lies, cuts, repeats and pieces of other files."""

from __future__ import annotations

import random
import struct
import zipfile
from io import BytesIO

__all__ = ["mutated"]

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (
    *(b"NaN", b"Infinity", b"1e308", b"-1", b"", b"\0", b'"', b'""', b"\n", b"\r", b",", b";"),
    *(b"[", b"{", b"]" * 50, b"[" * 2000, b"../", b"/etc/passwd", b"<OGRVRTDataSource>", b"&x;"),
    *(b"XFD1048576", b"\xff\xfe", b"null", b"1" * 400, b"9999999999999999999", b"%s%n", b"\x1b[0m"),
    *("１２３".encode(), "海".encode("gb18030")),
)


def mutated(content: bytes, other: bytes, *, chance: random.Random) -> bytes:
    """`content` with one to six harms; half of the zips are harmed inside their parts."""
    if content[:2] == b"PK" and chance.random() < 0.5:
        return _inside(content, other, chance)
    out = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        _harm(out, other, chance)
    return bytes(out)


def _inside(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """The same zip with one part harmed and packed anew, so that its sums are right."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            part = bytearray(old.read(name))
            if name == chosen:
                for _ in range(chance.randint(1, 4)):
                    _harm(part, other, chance)
            new.writestr(name, bytes(part))
    return buffer.getvalue()


def _harm(out: bytearray, other: bytes, chance: random.Random) -> None:
    at = chance.randrange(len(out) + 1)
    span = min(len(out) - at, chance.choice((1, 2, 4, 8, 64, 512)))
    kind = chance.randrange(8)
    if kind == 0 and at < len(out):
        out[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        number = chance.choice(_NUMBERS)
        width = chance.choice(("<I", ">I", "<H", ">H", "<B"))
        lie = struct.pack(width, number & (1 << 8 * struct.calcsize(width)) - 1)
        out[at : at + len(lie)] = lie
    elif kind == 2:
        del out[at : at + span]
    elif kind == 3:
        out[at:at] = out[at : at + span] * chance.choice((1, 2, 50))
    elif kind == 4:
        out[at : at + span] = chance.choice(_WORDS)
    elif kind == 5:
        out[at:at] = chance.choice(_WORDS)
    elif kind == 6 and other:
        start = chance.randrange(len(other))
        out[at : at + span] = other[start : start + span]
    elif kind == 7 and chance.random() < 0.3:
        del out[at:]
