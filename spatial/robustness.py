"""Robustness: how often each place is found again when the question is asked a little otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.analysis import hotspot_table, neighbours_of, place_table
from spatial.neighbours import Neighbours
from spatial.places import Places
from spatial.question import Question, QuestionError
from spatial.study import Study

__all__ = ["Robustness", "robustness", "variants_of"]

_HALF: Final = 0.5

Told = Callable[[Question], None]


@dataclass(frozen=True, eq=False)
class Robustness:
    """
    Places of a question, and how they fare under its variants.

    Parameters
    ----------
    places
        Of the question itself.
    variants
        Questions that differ from it in resolution, k or alpha, shape (v,).
    held
        Largest part of each place's graduates that one place of a variant holds, 0 to 1: a row
        a place (its id), a column a variant (its number).
    again
        Whether the place is found again in the variant: such a place holds at least half of its
        graduates, and of no other place's graduates more. Of two places that a variant runs
        together only the larger is found again.
    """

    places: Places
    variants: tuple[Question, ...]
    held: pd.DataFrame
    again: pd.DataFrame

    def __repr__(self) -> str:
        firm = int((self.table["survives"] >= 0.9).sum())
        return (
            f"Robustness({len(self.again)} places under {len(self.variants)} variants:"
            f" {firm} found again in nine of ten)"
        )

    @property
    def table(self) -> pd.DataFrame:
        """Index id, the surest first: name, name_en, graduates, survives (share of variants)."""
        told = self.places.table.set_index("id")[["name", "name_en", "graduates"]]
        told["survives"] = self.again.mean(axis=1)
        order = np.lexsort((-told["graduates"], -told["survives"]))
        return pd.DataFrame(told.iloc[order])

    def by(self, *names: str) -> pd.DataFrame:
        """Share of places found again by the value of a field, or two: resolution, k, alpha."""
        told = pd.DataFrame([one.to_dict() for one in self.variants])[list(names)]
        found = told.assign(found=self.again.mean(axis=0).to_numpy())
        return (
            found.groupby(list(names))["found"].mean().unstack()
            if len(names) > 1
            else (found.groupby(list(names)).mean())
        )


def variants_of(
    question: Question,
    *,
    resolutions: Sequence[int] = (),
    ks: Sequence[int] = (),
    alphas: Sequence[float] = (),
) -> tuple[Question, ...]:
    """
    Every combination of these values in place of the question's own, itself left out.

    A field for which none are given stays as it is.

    Raises
    ------
    QuestionError
        When there is no variant, or a value is out of its range.
    """
    given = product(
        resolutions or (question.resolution,), ks or (question.k,), alphas or (question.alpha,)
    )
    every = [replace(question, resolution=r, k=k, alpha=alpha) for r, k, alpha in given]
    found = tuple(dict.fromkeys(one for one in every if one != question))
    if not found:
        raise QuestionError("robustness needs a variant of the question, found none")
    return found


def robustness(
    study: Study,
    question: Question,
    variants: Sequence[Question],
    *,
    tell: Told | None = None,
) -> Robustness:
    """
    How often each place of a question is found again under its variants.

    Parameters
    ----------
    study, question
        What is asked of what.
    variants
        As `variants_of` gives them; they may have other resolutions.
    tell
        Told each variant before it is asked.

    Raises
    ------
    QuestionError, SchemaError
        When the study cannot answer the question or a variant.
    """
    counted = study.series(role=question.role, year=question.year, group=question.group)
    people = counted["graduates"].to_numpy()
    around: dict[int | None, Neighbours] = {}
    places = _answer(study, question, around)
    mine = _place_of(places, counted.index)
    held, again = [], []
    for one in variants:
        if tell is not None:
            tell(one)
        theirs = _place_of(_answer(study, one, around), counted.index)
        part, same = _found_again(mine, theirs, people, len(places.table))
        held.append(part)
        again.append(same)
    ids = pd.Index(places.table["id"], name="id")
    return Robustness(places, tuple(variants), _by_place(held, ids), _by_place(again, ids))


def _answer(study: Study, question: Question, around: dict[int | None, Neighbours]) -> Places:
    """The places of a question; neighbours once found serve every variant on the same cells."""
    near = around.get(question.resolution)
    if near is None or near.k < question.k:
        near = around[question.resolution] = neighbours_of(study, question)
    table = hotspot_table(study, question, neighbours=near)
    return place_table(study, question, table, neighbours=near)


def _place_of(places: Places, cells: pd.Index) -> NDArray[np.intp]:
    """Row of the place that holds each of the study's own cells, -1 where none does."""
    if places.member.empty:
        return np.full(len(cells), -1, dtype=np.intp)
    fineness = h3cells.resolution_of(places.member.index)
    number = pd.Series(np.arange(len(places.table)), index=places.table["id"])
    held = pd.Series(number.reindex(places.member).to_numpy(), index=places.member.index)
    parents = h3cells.parents(cells.to_numpy(), resolution=fineness)
    return held.reindex(parents).fillna(-1).to_numpy(dtype=np.intp)


def _found_again(
    mine: NDArray[np.intp], theirs: NDArray[np.intp], people: NDArray[np.float64], places: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Largest part of each place in one place of a variant, and whether it is found again."""
    many = int(theirs.max(initial=-1)) + 1
    inside = mine >= 0
    total = np.bincount(mine[inside], people[inside], minlength=places)
    if not many:
        return np.zeros(places), np.zeros(places, dtype=np.bool_)
    both = inside & (theirs >= 0)
    shared = np.bincount(mine[both] * many + theirs[both], people[both], minlength=places * many)
    shared = shared.reshape(places, many)
    best = shared.argmax(axis=1)
    part = np.divide(shared.max(axis=1), total, out=np.zeros(places), where=total > 0)
    return part, (part >= _HALF) & (shared.argmax(axis=0)[best] == np.arange(places))


def _by_place(
    columns: list[NDArray[np.float64]] | list[NDArray[np.bool_]], ids: pd.Index
) -> pd.DataFrame:
    return pd.DataFrame(dict(enumerate(columns)), index=ids)
