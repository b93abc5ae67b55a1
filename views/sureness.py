"""How sure the places are, beside the map: told once the map stands, worked out bit by bit."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from spatial.robustness import SURENESS, Robustness
from views.checks import Check, check
from views.mapview import show_checked
from views.query import Query
from views.screen import asked_key
from views.sureness_words import SURENESS_WORDS, varied_text
from views.text import Translate, translator

__all__ = ["show_sureness", "sureness_payload"]

_AT_A_TIME = 0.12
"""Seconds of work at a time: so long may a question asked meanwhile have to wait."""


@st.fragment
def show_sureness(query: Query) -> None:
    """
    How often each place is found again; runs by itself, apart from the page, until it is told.

    Nothing is asked in the run that draws the page: its component asks when it has been drawn,
    and again until all is done.
    """
    found = check(query)
    show_checked(
        sureness_payload(query, found, translator(query.lang)),
        on_more=partial(found.go_on, _AT_A_TIME),
    )


def sureness_payload(query: Query, found: Check, tr: Translate) -> dict[str, Any]:
    """What the page's table of places is told: how far the check is, then its result."""
    done, total = len(found.found), len(found.variants)
    told: dict[str, Any] = {
        "key": asked_key(query),
        "done": done,
        "total": total,
        "label": tr("How sure"),
        "line": tr("Checking how sure the places are: {done} of {total}").format(
            done=done, total=total
        ),
    }
    if found.done:
        told["grades"] = [{"grade": one, "word": tr(SURENESS_WORDS[one])} for one in SURENESS]
        told["note"] = varied_text(query, found.variants, tr)
        told["places"] = _places(found.result(), tr)
    return told


def _places(found: Robustness, tr: Translate) -> dict[str, dict[str, str]]:
    rows: Any = found.table.itertuples()
    text = tr("{word}: found again in {found} of {total} other settings")
    return {
        str(one.Index): {
            "grade": one.sureness,
            "text": text.format(
                word=tr(SURENESS_WORDS[one.sureness]), found=one.found, total=len(found.variants)
            ),
        }
        for one in rows
    }
