"""
A layer as one packed payload, which app, notebook and exported page draw with the same script.

In the app the bytes travel as they are; in a folium map they stand in the page as base64.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layers.palette import css_variables

if TYPE_CHECKING:
    import folium

__all__ = ["Packed", "compact", "leaflet_css", "leaflet_js", "pack", "part", "script", "style"]

_NAMES = {
    "uint8": "u8",
    "uint16": "u16",
    "uint32": "u32",
    "int16": "i16",
    "int32": "i32",
    "float32": "f32",
    "float64": "f64",
}
_SCRIPTS = (
    *("core", "lattice", "cells", "flows", "overlays", "view", "pane"),
    *("sureness", "panel", "ledger"),
    *("explorer", "compare", "commute", "sheet", "homes", "preview"),
)


def pack(content: dict[str, Any]) -> bytes:
    """
    Content with NumPy arrays anywhere in it as one payload.

    "GMP1", the header's length (uint32, little-endian), the header as JSON, then the arrays, each
    on an 8-byte boundary; in the header an array stands as {"$": [type, offset, length]}.
    """
    blobs: list[bytes] = []
    size = 0

    def place(value: object) -> object:
        nonlocal size
        if isinstance(value, np.generic):
            return value.item()
        if not isinstance(value, np.ndarray):
            raise TypeError(f"content must be JSON or arrays, found {type(value).__name__}")
        blob = np.ascontiguousarray(value).tobytes()
        entry = {"$": [_NAMES[value.dtype.name], size, value.size]}
        blob += b"\0" * (-len(blob) % 8)
        blobs.append(blob)
        size += len(blob)
        return entry

    header = dumps(content, default=place, ensure_ascii=False, allow_nan=False).encode()
    head = b"GMP1" + len(header).to_bytes(4, "little") + header + b" " * (-len(header) % 8)
    return b"".join([head, *blobs])


def compact(values: NDArray[Any]) -> NDArray[Any]:
    """`values` in the smallest type that keeps them: whole numbers to 65 535, else float32."""
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=0.0)
    whole = len(numbers) == 0 or (numbers.min() >= 0 and not np.any(numbers % 1))
    if whole and (len(numbers) == 0 or numbers.max() < 256):
        return numbers.astype(np.uint8)
    if whole and numbers.max() < 65_536:
        return numbers.astype(np.uint16)
    return numbers.astype(np.float32)


class Packed:
    """A layer that the project's own script draws from packed data, in the app or on a map."""

    def __init__(self, kind: str, data: dict[str, Any], *, name: str = "", key: str = "") -> None:
        self.kind = kind
        self.data = data
        self.name = name or kind
        self.key = key or kind

    def add_to(self, board: folium.Map) -> Packed:
        """The layer itself, now on a folium map."""
        # The app draws without folium, which takes a third of a second to load.
        from layers.element import Element

        Element(self).add_to(board)
        return self

    @property
    def encoded(self) -> str:
        """The payload in base64, as it stands in a page."""
        return b64encode(pack(self.data)).decode()

    @property
    def entry(self) -> dict[str, Any]:
        """The layer as it stands in the app's payload; `key` tells one state from another."""
        return {"kind": self.kind, "key": self.key, "data": self.data}


@cache
def script() -> str:
    """The project's map script, its parts in the order they need each other."""
    return "\n".join(part(name) for name in _SCRIPTS)


def part(name: str) -> str:
    """One part of the project's script."""
    return (files("layers") / "js" / f"{name}.js").read_text(encoding="utf-8")


@cache
def style() -> str:
    """The project's style sheet for maps, its colours from the palette."""
    sheet = (files("layers") / "js" / "style.css").read_text(encoding="utf-8")
    return ".gm-root { " + css_variables() + "}\n" + sheet


@cache
def leaflet_js() -> str:
    """Leaflet's script, from its own package."""
    return (_leaflet() / "leaflet.js").read_text(encoding="utf-8")


@cache
def leaflet_css() -> str:
    """Leaflet's style sheet, from its own package; its pictures are not used."""
    return (_leaflet() / "leaflet.css").read_text(encoding="utf-8")


def _leaflet() -> Path:
    from xstatic.pkg import leaflet

    return Path(leaflet.BASE_DIR)
