"""A file that is made when its button is pressed, and the sentence where it cannot be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Condition
from typing import Final

import streamlit as st

from views.text import plain, translator

__all__ = ["Ends", "Making", "made_button"]

_LOG: Final = logging.getLogger(__name__)
_PATIENCE_S: Final = 180.0  # as long as the browser waits
_BREATH_S: Final = 0.2


class Ends:
    """
    What became of each file that one button was pressed for, in the order they came to an end.

    The button that is drawn when a press is told need not be the one that was pressed: who
    presses twice in a row presses one of an earlier run. All of them tell here.
    """

    def __init__(self) -> None:
        self._known: list[str] = []
        self._told = 0
        self._changed = Condition()

    def add(self, trouble: str) -> None:
        """A file came to its end; `trouble` is empty where it was made."""
        with self._changed:
            self._known.append(trouble)
            self._changed.notify_all()

    def trouble(self, *, within_s: float = _PATIENCE_S, breathe: Callable[[], object]) -> str:
        """Why there is no file, once the next one is made or not; empty where it is."""
        ends = time.monotonic() + within_s
        while True:
            with self._changed:
                if self._changed.wait_for(lambda: len(self._known) > self._told, _BREATH_S):
                    self._told = len(self._known)
                    return self._known[-1]
            breathe()
            if time.monotonic() > ends:
                return f"{within_s:g} s"


class Making:
    """
    One file to be made, which tells `ends` what became of it.

    Streamlit calls it in a thread of its own once the button is pressed, where nothing can be
    shown; a failure would be told as "Failed to generate file for download", and no more.
    """

    def __init__(self, made: Callable[[], bytes], ends: Ends) -> None:
        self._made, self.ends = made, ends

    def __call__(self) -> bytes:
        """The content; what is raised is told and raised again, so that none comes."""
        trouble = ""
        try:
            return self._made()
        except (ValueError, OSError, MemoryError) as fault:
            # What the house refuses is a ValueError that says why; a disk's trouble is an OSError.
            told = fault.strerror if isinstance(fault, OSError) else str(fault)
            trouble = " ".join((told or type(fault).__name__).split())
            raise
        except Exception as fault:
            _LOG.exception("a file could not be made")
            trouble = type(fault).__name__
            raise
        finally:
            self.ends.add(trouble)


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
    before: Making | None = st.session_state.get(f"making_{key}")
    ends = Ends() if before is None else before.ends
    making = st.session_state[f"making_{key}"] = Making(made, ends)
    if not st.download_button(label, making, file_name=name, key=key, width="stretch"):
        return
    place = st.empty()
    if why := ends.trouble(breathe=place.empty):
        tr = translator(str(st.session_state.get("lang", "en")))
        text = tr("{name} could not be made: {reason}").format(name=name, reason=why)
        place.error(plain(text))
