"""Pages as files: the provenance each carries, and what is different about two of them."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, Final

import numpy as np

from layers.sheet_save import KEY
from spatial.ingest.errors import InputError

__all__ = ["carried_by", "unlike"]

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MOST: Final = 1 << 26  # bytes that one stream of a PDF may unpack to
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_LOST: Final = "it was drawn by something else, or another program has saved it since"
_PAYLOAD: Final = re.compile(r'gradmap\.fromBase64\("([A-Za-z0-9+/=]*)"\)')
_PICTURE: Final = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=]*)"')


def carried_by(content: bytes, *, name: str) -> dict[str, Any]:
    """
    The provenance that a page carries.

    Parameters
    ----------
    content
        Of the file.
    name
        Of the file; its ending says how to read it.

    Raises
    ------
    InputError
        When it carries none.
    """
    read: Callable[[bytes], str | None] = {
        ".png": _text_of_png,
        ".pdf": _keywords_of_pdf,
    }.get(name[name.rfind(".") :].lower(), _script_of_html)
    text = read(content)
    if text is None:
        raise InputError(f"{name}: a page that carries its provenance is needed, {_LOST}")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{name}: its provenance cannot be read: {fault}") from fault
    if not isinstance(told, dict):
        raise InputError(f"{name}: provenance must be an object, found {type(told).__name__}")
    return told


def unlike(was: bytes, now: bytes, *, name: str) -> tuple[list[str], list[str]]:
    """What two pages show differently, and what is different that cannot be seen."""
    ending = name[name.rfind(".") :].lower()
    if ending == ".png":
        shown = _unlike_pictures(was, now)
        return ([f"picture: {shown}"], []) if shown else ([], ["every pixel is the same"])
    if ending == ".pdf":
        return _unlike_pdf(was, now)
    return _unlike_html(was.decode("utf-8", "replace"), now.decode("utf-8", "replace"))


class _Script(HTMLParser):
    """Finds the one script that holds the provenance."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.inside, self.found = False, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and dict(attrs).get("id") == KEY and not self.found

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"

    def handle_data(self, data: str) -> None:
        self.found += data if self.inside else ""


def _script_of_html(content: bytes) -> str | None:
    # Provenance stands in the head, before the map and its data.
    reader = _Script()
    reader.feed(content.partition(b"</head>")[0].decode("utf-8", "replace"))
    return reader.found or None


def _text_of_png(content: bytes) -> str | None:
    if not content.startswith(_PNG):
        return None
    at = len(_PNG)
    while at + 12 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        key, _, text = content[at + 8 : at + 8 + size].partition(b"\0")
        if kind == b"tEXt" and key == KEY.encode():
            return text.decode("latin-1")
        at += 12 + size
    return None


def _keywords_of_pdf(content: bytes) -> str | None:
    head = b"/Keywords ("
    at = content.rfind(head)
    if not content.startswith(b"%PDF") or at < 0:
        return None
    found = re.match(rb"(?:[^()\\]|\\.)*", content[at + len(head) :], re.DOTALL)
    text = found[0] if found else b""
    plain = re.sub(rb"\\(.)", lambda one: _ESCAPED.get(one[1], one[1]), text, flags=re.DOTALL)
    return plain.decode("latin-1")


def _unlike_html(was: str, now: str) -> tuple[list[str], list[str]]:
    found = []
    ours, theirs = (_payload(one) for one in (was, now))
    if names := [
        key for key in dict.fromkeys([*ours, *theirs]) if ours.get(key) != theirs.get(key)
    ]:
        found.append(f"content: {', '.join(names)} of the page differ")
    pictures, others = (_PICTURE.findall(one) for one in (was, now))
    if len(pictures) != len(others):
        found.append(f"pictures: {len(pictures)} in the file, {len(others)} made again")
    for at, (one, other) in enumerate(zip(pictures, others, strict=False), start=1):
        if one != other and (shown := _unlike_pictures(b64decode(one), b64decode(other))):
            found.append(f"picture {at} of {len(pictures)}: {shown}")
    bare, again = (_bare(one) for one in (was, now))
    if bare != again:
        found.append(_first_line(bare, again))
    return found, [] if found else ["all texts, data and pictures are the same"]


def _bare(page: str) -> str:
    """A page without its provenance, data and pictures, which are compared by themselves."""
    page = re.sub(rf'(id="{KEY}">).*?(</script>)', r"\1\2", page, count=1, flags=re.DOTALL)
    return _PICTURE.sub("", _PAYLOAD.sub("", page))


def _first_line(was: str, now: str) -> str:
    lines, others = was.splitlines(), now.splitlines()
    at = next(
        (n for n, (a, b) in enumerate(zip(lines, others, strict=False)) if a != b),
        min(len(lines), len(others)),
    )
    return f"page: text, style or script differs from line {at + 1:,} of {len(lines):,}"


def _payload(page: str) -> dict[str, Any]:
    """What a map page draws, its arrays as hashes; nothing where it holds none that can be read."""
    found = _PAYLOAD.search(page)
    if found is None:
        return {}
    try:
        content = b64decode(found[1], validate=True)
        size = int.from_bytes(content[4:8], "little")
        body = content[8 + -(-size // 8) * 8 :]
        header = json.loads(
            content[8 : 8 + size],
            object_hook=lambda one: _hashed(one["$"], body) if set(one) == {"$"} else one,
        )
    except (Base64Error, ValueError, LookupError, TypeError, RecursionError):
        return {"data": found[1]}
    return header if isinstance(header, dict) else {"data": header}


def _hashed(array: Any, body: bytes) -> str:  # noqa: ANN401 - a stranger's file
    kind, start, length = array
    # An element takes 8 bytes at most, and what lies behind an array is padding or the next one.
    wide = int(re.sub(r"\D", "", kind)) // 8
    return f"{kind} {length} {sha256(body[start : start + length * wide]).hexdigest()}"


def _unlike_pictures(was: bytes, now: bytes) -> str:
    """What is different about two pictures; empty where every pixel is the same."""
    from PIL import Image

    try:
        one, other = (Image.open(BytesIO(content)).convert("RGBA") for content in (was, now))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        return f"it cannot be read: {fault}"
    if one.size != other.size:
        wide, high = one.size
        return f"{wide} x {high} pixels in the file, {other.size[0]} x {other.size[1]} made again"
    apart = (np.asarray(one) != np.asarray(other)).any(axis=-1)
    return f"{apart.mean():.2%} of its pixels differ" if apart.any() else ""


def _unlike_pdf(was: bytes, now: bytes) -> tuple[list[str], list[str]]:
    pages, others = (list(_drawings(one)) for one in (was, now))
    if len(pages) != len(others):
        return [f"pages: {len(pages)} in the file, {len(others)} made again"], []
    found = [
        f"page {at} of {len(pages)}: it is drawn otherwise"
        for at, (one, other) in enumerate(zip(pages, others, strict=True), start=1)
        if one != other
    ]
    if not pages:
        found.append("pages: none that can be read")
    return found, [] if found else ["every page is drawn the same; fonts or metadata differ"]


def _drawings(content: bytes) -> Iterator[bytes]:
    """What each page of a PDF draws, unpacked, in the order of the file."""
    starts = {int(one[1]): one.end() for one in re.finditer(rb"\n(\d+) 0 obj\n", content)}
    for one in re.finditer(rb"/Contents (\d+) 0 R", content):
        start = content.find(b"stream\n", starts.get(int(one[1]), len(content)))
        if start < 0:
            continue
        try:
            yield zlib.decompressobj().decompress(content[start + 7 :], _MOST)
        except zlib.error:
            yield b""
