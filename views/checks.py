"""How sure the places of a question are: worked out a little at a time, kept for every reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

import streamlit as st

from spatial.places import Places
from spatial.question import Question
from spatial.robustness import Robustness, summed_up
from spatial.study import Study
from spatial.survival import Survival, survivals
from spatial.variants import Variant, variants_of
from views.answers import answer, study_of
from views.query import Query

__all__ = ["Check", "check"]


@dataclass(eq=False)
class Check:
    """
    The variants of a question, asked one after another whenever a reader waits for them.

    Nothing runs while nobody asks: a reader who leaves takes the work along, and the next one
    goes on from there.
    """

    question: Question
    places: Places
    variants: tuple[Variant, ...]
    coming: Iterator[Survival]
    found: list[Survival] = field(default_factory=list)
    at_it: Lock = field(default_factory=Lock)

    @property
    def done(self) -> bool:
        """Whether every variant has been asked."""
        return len(self.found) == len(self.variants)

    def go_on(self, seconds: float) -> None:
        """
        Ask further variants for so long, one at least.

        Where another reader is at it, it is left to them.
        """
        if not self.at_it.acquire(blocking=False):
            return
        try:
            end = monotonic() + seconds
            while not self.done:
                self.found.append(next(self.coming))
                if monotonic() >= end:
                    break
        finally:
            self.at_it.release()

    def result(self) -> Robustness:
        """What all variants come to."""
        return summed_up(self.question, self.places, self.variants, self.found)


def check(query: Query) -> Check:
    """The check of a question: one for all readers, whatever place, language or layers they see."""
    study = study_of(query)
    return _check(query.asked(), study.digest, study)


# A check that was left half done holds the cells it was at, so fewer are kept than answers.
@st.cache_resource(max_entries=32, show_spinner=False)
def _check(query: Query, digest: str, _study: Study) -> Check:  # noqa: ARG001 - a key
    question, places = query.question(), answer(query).places
    variants = variants_of(_study, question)
    return Check(question, places, variants, survivals(_study, question, variants, places=places))
