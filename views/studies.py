"""The studies the page offers: those it was started with, and the packaged sample."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import streamlit as st

from spatial.shelf import shelf, studies_on
from spatial.study import Study, open_study

__all__ = ["STUDIES_VARIABLE", "known_studies", "opened"]

STUDIES_VARIABLE = "GRADMAP_STUDIES"
SAMPLE = "beijing-sample"


def known_studies() -> dict[str, Path]:
    """Folder of each study: those the page was started with, or the sample; then own ones."""
    given = [Path(one) for one in os.environ.get(STUDIES_VARIABLE, "").split(os.pathsep) if one]
    named = {folder.resolve().name: folder for folder in given}
    if not named:
        named = {SAMPLE: Path(str(files("spatial.sources.beijing") / "study"))}
    return named | {name: one for name, one in studies_on(shelf()).items() if name not in named}


def opened(folder: Path) -> Study:
    """The study in a folder, opened once and again only when it was saved anew."""
    described = folder / "study.json"
    stamp = described.stat().st_mtime_ns if described.is_file() else 0
    return _opened(str(folder), stamp)


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(folder: str, stamp: int) -> Study:  # noqa: ARG001 - the stamp is part of the key
    return open_study(folder)
