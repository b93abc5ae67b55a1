"""A file that is made when its button is pressed, and the sentence where it cannot be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from math import inf
from threading import Condition
from typing import Final

import streamlit as st

from views.text import plain, translator

__all__ = ["Ends", "Making", "made_button"]

_LOG: Final = logging.getLogger(__name__)
_PATIENCE_S: Final = 180.0  # as long as the browser waits
_BREATH_S: Final = 0.2
_GRACE_S: Final = 0.8  # after a file that was made, for the next press to begin another
_JUST_S: Final = 5.0  # before the server hears of a press, its file may have come to an end
_NEVER_BEGUN: Final = 12  # part of the patience after which nothing that has not begun will


class Ends:
    """
    What became of the last file that one button was pressed for.

    The button that is drawn when a press is told need not be the one that was pressed, and two
    presses may reach the server as one, or the other way about. So a press is told of whatever
    file came to its end about then, and of the last one where there are several.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._busy = 0
        self._trouble = ""
        self._at = -inf

    def begin(self) -> None:
        """A file is being made."""
        with self._changed:
            self._busy += 1

    def add(self, trouble: str) -> None:
        """It came to its end; `trouble` is empty where it was made."""
        with self._changed:
            self._busy -= 1
            self._trouble, self._at = trouble, time.monotonic()
            self._changed.notify_all()

    def trouble(self, *, within_s: float = _PATIENCE_S, breathe: Callable[[], object]) -> str:
        """Why there is no file, once it is made or not; empty where it is."""
        pressed = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait(_BREATH_S)
                now, idle = time.monotonic(), not self._busy
                recent = self._at > pressed - _JUST_S
                if idle and recent and (self._trouble or now > self._at + _GRACE_S):
                    return self._trouble
                if idle and now > pressed + within_s / _NEVER_BEGUN:
                    return self._trouble
            breathe()
            if now > pressed + within_s:
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
        self.ends.begin()
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
