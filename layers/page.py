"""A map as one HTML file: script, style and data inside, so that it opens with no network."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from json import dumps
from pathlib import Path
from typing import Any, Final, Literal

from layers.packed import leaflet_css, leaflet_js, pack, script, style
from layers.sheet_save import put

__all__ = ["MapPage", "framed"]

_FRAME_PX: Final = 640
_ENDING: Final = (".html", ".htm")
Screen = Literal["map", "years"]
_SCREENS: Final[dict[Screen, tuple[str, ...]]] = {
    "map": ("page", "page_parts.js", "page.js"),
    "years": ("pageYears", "page_parts.js", "page_years.js"),
}
"""What draws each screen, and the scripts it stands in."""


@dataclass(frozen=True, eq=False)
class MapPage:
    """
    One interactive map, or two years, with all that belongs to it; shows itself in a notebook.

    Parameters
    ----------
    title, lang
        Of the page.
    content
        What `layers/js/page.js` or `page_years.js` draws, JSON values and arrays.
    provenance
        As JSON values; stands in the page in a script of the id "gradmap".
    told
        What the object says of itself.
    screen
        "map" for one map with its table of places, "years" for two years side by side.
    """

    title: str
    lang: str
    content: dict[str, Any]
    provenance: dict[str, Any]
    told: str = ""
    screen: Screen = "map"

    def __repr__(self) -> str:
        return f"MapPage({self.title!r}: {self.told})"

    def to_html(self) -> str:
        """The whole page."""
        told = _inert(dumps(self.provenance, ensure_ascii=False, sort_keys=True))
        payload = b64encode(pack(self.content)).decode()
        draw, *parts = _SCREENS[self.screen]
        return "".join(
            (
                f'<!doctype html>\n<html lang="{escape(self.lang)}">\n<head>\n',
                '<meta charset="utf-8">\n',
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
                f"<title>{escape(self.title)}</title>\n",
                f"<style>{leaflet_css()}{style()}{_part('page.css')}</style>\n",
                f'<script type="application/json" id="gradmap">{told}</script>\n',
                '</head>\n<body>\n<div class="gm-root"><main></main></div>\n',
                f"<script>{_closed(leaflet_js())}</script>\n",
                f"<script>{_closed(script())}\n{_closed(''.join(map(_part, parts)))}</script>\n",
                f"<script>gradmap.{draw}(document.querySelector('main'),"
                f' gradmap.fromBase64("{payload}"));</script>\n',
                "</body>\n</html>\n",
            )
        )

    def save(self, path: str | Path) -> Path:
        """
        The file written; what was there is replaced.

        Raises
        ------
        SheetError
            When the file cannot be written.
        ValueError
            When the name does not end in .html.
        """
        target = Path(path)
        if target.suffix.lower() not in _ENDING:
            raise ValueError(f"a map page ends in .html, found {target.name}")
        return put(self.to_html().encode(), target)

    def _repr_html_(self) -> str:
        """The page in a frame of its own, as a notebook shows it."""
        return framed(self.to_html(), title=self.title)


def framed(page: str, *, title: str) -> str:
    """A whole page in a frame, so that its styles and scripts touch nothing outside."""
    return (
        f'<iframe srcdoc="{escape(page)}" title="{escape(title)}"'
        f' style="width: 100%; height: {_FRAME_PX}px; border: 0"></iframe>'
    )


@cache
def _part(name: str) -> str:
    return (files("layers") / "js" / name).read_text(encoding="utf-8")


def _inert(text: str) -> str:
    """JSON that can end no element and open no comment."""
    return text.replace("<", "\\u003c")


def _closed(text: str) -> str:
    """Script text that cannot end its own element."""
    return text.replace("</script", "<\\/script")
