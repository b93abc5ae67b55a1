"""Pages as files: the provenance each carries, and where."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from layers.brief_docx import PART
from layers.sheet_save import KEY
from spatial.ingest.errors import InputError

__all__ = ["MOST", "carried_by", "members_of"]

_PNG: Final = b"\x89PNG\r\n\x1a\n"
MOST: Final = 1 << 26
"""Bytes that a stranger's file may unpack to: a document, or one stream of a PDF."""
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_LOST: Final = "it was drawn by something else, or another program has saved it since"


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
        ".docx": _part_of_docx,
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


def members_of(content: bytes) -> dict[str, bytes]:
    """What a Word document holds; nothing where it cannot be read or is larger than any of ours."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST:
                return {}
            return {name: archive.read(name) for name in archive.namelist()}
    except (BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        return {}


def _part_of_docx(content: bytes) -> str | None:
    found = re.search(rb"<gradmap [^>]*>([^<]*)</gradmap>", members_of(content).get(PART, b""))
    return unescape(found[1].decode("latin-1")) if found else None
