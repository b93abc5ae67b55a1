"""The one way all pages offer their files: which table, in which format, and printed pages."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from spatial.export import BARE, FORMATS, WRITERS
from spatial.formats import NAMES
from spatial.study import Study
from views.making import made_button
from views.query import Query
from views.text import Translate

__all__ = ["ALL", "hidden_of", "more_formats", "page_button", "saved", "stem_of", "take_files"]

ALL: Final = "all"
"""The kind that stands for all tables together."""

_SWITCHED: Final = ("places", "rail", "districts", "campuses", "ground")
_ZIPPED: Final = (".csv",)  # comes with its provenance
_LONGEST: Final = 80  # characters of a name, so that any folder takes it
_TOGETHER: Final = (".gpkg",)  # holds all tables in one file


def take_files(
    stem: str,
    kinds: Mapping[str, str],
    made: Callable[[str, str], bytes],
    tr: Translate,
    *,
    bare: Collection[str] = (),
    note: str = "",
) -> None:
    """
    A switch of tables where there are several, a button for each common format, and the others.

    Parameters
    ----------
    stem
        What the names of all files begin with, as `stem_of` makes it.
    kinds
        The word for each table, the one that is chosen at first before the others; `ALL`, which
        is offered last, for all of them in one file, or in one ZIP where a format holds one table.
    made
        Content of the file of a kind, and of a name.
    tr
        Translates.
    bare
        Kinds without shapes, which not every format can hold.
    note
        Of this page, where something else is true of its files.
    """
    st.caption(tr("Every file carries its source, method and the command that makes it again."))
    if note:
        st.caption(note)
    kind = next(iter(kinds))
    if len(kinds) > 1:
        kind = st.segmented_control(
            tr("What"),
            sorted(kinds, key=lambda one: one == ALL),
            format_func=lambda one: kinds[one],
            default=kind,
            key="export_kind",
            required=True,
        )
    name = stem if kind == ALL else f"{stem}-{kind}"
    offered = [one for one in WRITERS if kind not in bare or one in BARE]
    for ending in FORMATS:
        if ending in offered:
            _format_button(name, kind, ending, made, key=f"download_{ending}")
    more_formats(name, lambda file: made(kind, file), tr, offered=offered, zipped=kind == ALL)


def more_formats(
    name: str,
    made: Callable[[str], bytes],
    tr: Translate,
    *,
    offered: Collection[str] = tuple(WRITERS),
    zipped: bool = False,
) -> None:
    """One of the formats that are not offered first; `made` takes the name of the file."""
    endings = [one for one in offered if one not in FORMATS]
    chosen = st.selectbox(
        tr("More formats"),
        endings,
        index=None,
        format_func=lambda one: NAMES.get(one, one),
        placeholder=", ".join(NAMES.get(one, one) for one in endings[:3]) + " ...",
        key="more_format",
    )
    if chosen:
        kind = ALL if zipped else ""
        _format_button(name, kind, chosen, lambda _, file: made(file), key="download_more")


def page_button(label: str, name: str, made: Callable[[], bytes]) -> None:
    """A printed or standalone page; it takes some seconds to make."""
    made_button(label, name, made, key=f"download{''.join(Path(name).suffixes[-2:])}_page")


def hidden_of(query: Query, *more: str) -> list[str]:
    """Layers that a map in one file has a switch for and the screen does not show now."""
    return [one for one in (*_SWITCHED, *more) if one not in query.overlays]


def saved(page: Any, name: str) -> bytes:  # noqa: ANN401 - whatever has a save of its own
    """Content of what a page saves under this name."""
    with tempfile.TemporaryDirectory(prefix="gradmap-") as folder:
        file = Path(folder) / name
        page.save(file)
        return file.read_bytes()


def stem_of(study: Study, *parts: object) -> str:
    """What a file's name begins with: the study and what was asked, safe in any folder."""
    told = "-".join(str(one) for one in (study.info.name, *parts) if one != "")
    return re.sub(r"[^\w.]+|[-.]{2,}", "-", told).strip("-.")[:_LONGEST] or "gradmap"


def _format_button(
    name: str, kind: str, ending: str, made: Callable[[str, str], bytes], *, key: str
) -> None:
    file = f"{name}{ending}"
    zipped = ending in _ZIPPED or (kind == ALL and ending not in _TOGETHER)
    made_button(
        f"{NAMES[ending]} (ZIP)" if zipped else NAMES[ending],
        f"{file}.zip" if zipped else file,
        lambda: made(kind, file),
        key=key,
    )
