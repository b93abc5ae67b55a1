"""What is different about two pages: in what they show, or where it cannot be seen."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

import numpy as np

from layers.sheet_save import KEY
from papers.page_files import MOST, members_of

__all__ = ["unlike"]

_PAYLOAD: Final = re.compile(r'gradmap\.fromBase64\("([A-Za-z0-9+/=]*)"\)')
_PICTURE: Final = re.compile(r'src="data:image/png;base64,([A-Za-z0-9+/=]*)"')
_UNSEEN: Final = "all texts and pictures are the same; styles or properties differ"


def unlike(was: bytes, now: bytes, *, name: str) -> tuple[list[str], list[str]]:
    """What two pages show differently, and what is different that cannot be seen."""
    ending = name[name.rfind(".") :].lower()
    if ending == ".png":
        shown = _unlike_pictures(was, now)
        return ([f"picture: {shown}"], []) if shown else ([], ["every pixel is the same"])
    if ending == ".pdf":
        return _unlike_pdf(was, now)
    if ending == ".docx":
        return _unlike_docx(members_of(was), members_of(now))
    return _unlike_html(was.decode("utf-8", "replace"), now.decode("utf-8", "replace"))


def _unlike_docx(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    ours, theirs = (_paragraphs(one) for one in (was, now))
    found = []
    if ours != theirs:
        at = next(
            (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
            min(len(ours), len(theirs)),
        )
        found.append(f"text: paragraph {at + 1} of {len(ours)} differs")
    names = sorted(name for name in now if name.startswith("word/media/"))
    for number, name in enumerate(names, start=1):
        one = was.get(name, b"")
        if one != now[name] and (shown := _unlike_pictures(one, now[name])):
            found.append(f"picture {number} of {len(names)}: {shown}")
    return found, [] if found else [
        "all texts and pictures are the same; styles or properties differ"
    ]


def _paragraphs(members: Mapping[str, bytes]) -> list[str]:
    """Texts of a document's paragraphs; its marks are ours and simple."""
    text = members.get("word/document.xml", b"").decode("utf-8", "replace")
    return [
        "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", one)) for one in text.split("</w:p>")
    ]


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
            yield zlib.decompressobj().decompress(content[start + 7 :], MOST)
        except zlib.error:
            yield b""
