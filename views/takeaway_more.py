"""Further formats and printed pages, each made only when it is asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from spatial.export import FORMATS, WRITERS
from spatial.formats import NAMES
from views.text import Translate

__all__ = ["more_formats", "page_button", "saved"]


def more_formats(name: str, made: Callable[[str], bytes], tr: Translate) -> None:
    """One of the formats that are not offered first; `made` takes the name of the file."""
    endings = [one for one in WRITERS if one not in FORMATS]
    chosen = st.selectbox(
        tr("More formats"),
        endings,
        index=None,
        format_func=lambda one: NAMES.get(one, one),
        placeholder=", ".join(NAMES.get(one, one) for one in endings[:3]) + " ...",
        key="more_format",
    )
    if chosen:
        file = f"{name}{chosen}"
        st.download_button(
            NAMES.get(chosen, chosen),
            lambda: made(file),
            file_name=file,
            key="download_more",
            on_click="ignore",
            width="stretch",
        )


def page_button(label: str, name: str, made: Callable[[], bytes]) -> None:
    """A printed or standalone page; it takes some seconds to make."""
    st.download_button(
        label,
        made,
        file_name=name,
        key=f"download_{name.rsplit('.', 1)[-1]}_page",
        on_click="ignore",
        width="stretch",
    )


def saved(page: Any, name: str) -> bytes:  # noqa: ANN401 - whatever has a save of its own
    """Content of what a page saves under this name."""
    with tempfile.TemporaryDirectory(prefix="gradmap-") as folder:
        file = Path(folder) / name
        page.save(file)
        return file.read_bytes()
