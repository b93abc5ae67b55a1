"""A file that is made when its button is pressed, and the sentence where it cannot be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event
from typing import Final

import streamlit as st

from views.text import plain, translator

__all__ = ["Making", "made_button"]

_LOG: Final = logging.getLogger(__name__)
_PATIENCE_S: Final = 180.0  # as long as the browser waits
_BREATH_S: Final = 0.2


class Making:
    """
    One file to be made, and what became of it.

    Streamlit calls it in a thread of its own once the button is pressed, where nothing can be
    shown; a failure would be told as "Failed to generate file for download", and no more.
    """

    def __init__(self, made: Callable[[], bytes]) -> None:
        self._made = made
        self._done = Event()
        self._trouble = ""

    def __call__(self) -> bytes:
        """The content; what is raised is told by `trouble` and raised again, so that none comes."""
        try:
            return self._made()
        except (ValueError, OSError, MemoryError) as fault:
            # What the house refuses is a ValueError that says why; a disk's trouble is an OSError.
            told = fault.strerror if isinstance(fault, OSError) else str(fault)
            self._trouble = " ".join((told or type(fault).__name__).split())
            raise
        except Exception as fault:
            _LOG.exception("a file could not be made")
            self._trouble = type(fault).__name__
            raise
        finally:
            self._done.set()

    def trouble(self, *, within_s: float = _PATIENCE_S, breathe: Callable[[], object]) -> str:
        """Why there is no file, once it is made or not; empty where it is."""
        ends = time.monotonic() + within_s
        while not self._done.wait(_BREATH_S):
            breathe()
            if time.monotonic() > ends:
                return f"{within_s:g} s"
        return self._trouble


@st.fragment
def made_button(label: str, name: str, made: Callable[[], bytes], *, key: str) -> None:
    """
    A button for one file, which is made only when it is pressed.

    Parameters
    ----------
    label
        On the button.
    name
        Of the file.
    made
        Its content.
    key
        Of the button.
    """
    # The one that was drawn before is the one that was pressed.
    pressed: Making | None = st.session_state.get(f"making_{key}")
    making = st.session_state[f"making_{key}"] = Making(made)
    if not st.download_button(label, making, file_name=name, key=key, width="stretch"):
        return
    place = st.empty()
    if pressed is not None and (why := pressed.trouble(breathe=place.empty)):
        tr = translator(str(st.session_state.get("lang", "en")))
        text = tr("{name} could not be made: {reason}").format(name=name, reason=why)
        place.error(plain(text))
