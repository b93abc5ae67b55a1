"""Survival: which places of a question are found again in each of its variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.analysis import roll_up, scores, values
from spatial.lattice import Lattice, lattice
from spatial.neighbours import disk
from spatial.offset import NOWHERE, Offset, moved
from spatial.peaks import smoothing_steps
from spatial.places import Places
from spatial.question import Question, QuestionError
from spatial.relief import relief
from spatial.study import Study
from spatial.variants import Variant

__all__ = ["Survival", "found_again", "survivals"]

_HALF: Final = 0.5


@dataclass(frozen=True, eq=False)
class Survival:
    """
    What became of each place in one variant.

    Parameters
    ----------
    number
        Of the variant, in the order they were given.
    held
        Largest part of each place's graduates that one place of the variant holds, shape (n,).
    again
        Whether the place is found again: such a place of the variant holds at least half of its
        graduates, and of no other place's graduates more, shape (n,).
    """

    number: int
    held: NDArray[np.float64]
    again: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Held:
    """Positions in the study area of the cells that places hold, their people, their place."""

    at: NDArray[np.intp]
    people: NDArray[np.float64]
    place: NDArray[np.intp]
    places: int


def survivals(
    study: Study, question: Question, variants: Sequence[Variant], *, places: Places
) -> Iterator[Survival]:
    """
    What became of the places in each variant, one variant after another.

    Variants on the same cells come together, since the cells, their neighbours and the surface
    under places are found once for all of them, and a score once for every alpha. So the order
    is not that of `variants`: `number` tells.

    Parameters
    ----------
    study, question
        What is asked of what.
    variants
        As `variants_of` gives them.
    places
        Of the question.

    Raises
    ------
    QuestionError
        When a variant shifts the grid where that cannot be done.
    """
    held = _held(study, question, places)
    groups: dict[tuple[Question, Offset], list[int]] = {}
    for number, one in enumerate(variants):
        base = replace(one.question, k=1, alpha=_HALF)
        groups.setdefault((base, one.offset), []).append(number)
    points: Lattice | None = None
    for (base, offset), numbers in groups.items():
        if offset != NOWHERE:
            _check_coarser(study, base)
            points = points or lattice(study.area)
        carried = moved(study.area, offset, points=points)
        here = [(number, variants[number].question) for number in numbers]
        yield from _on_one_grid(study, base, carried, here, held=held)


def _on_one_grid(
    study: Study,
    base: Question,
    carried: h3cells.Cells,
    asked: list[tuple[int, Question]],
    *,
    held: _Held,
) -> Iterator[Survival]:
    """Variants on the same cells; `carried` is where each cell of the study area now lies."""
    table = _counted(study, base, carried)
    near = disk(table.index, k=max(smoothing_steps(table.index), *(one.k for _, one in asked)))
    ground = relief(table["graduates"], near)
    at = np.searchsorted(table.index, _coarser(study, base, carried[held.at]))
    for k in dict.fromkeys(one.k for _, one in asked):
        mine = [(number, one) for number, one in asked if one.k == k]
        judged = scores(table["value"], max((one for _, one in mine), key=_alpha), near.reach(k))
        for number, one in mine:
            # Hot at the widest alpha, and q tells it for every other.
            hot = (judged["hotspot"] == "hot") & (judged["q"] <= one.alpha)
            _, extents = ground.extents(hot.to_numpy(dtype=np.bool_), top=one.top)
            theirs = np.full(len(table), -1, dtype=np.intp)
            for place, cells in enumerate(extents):
                theirs[cells] = place
            part, again = found_again(held.place, theirs[at], held.people, places=held.places)
            yield Survival(number, part, again)


def _alpha(question: Question) -> float:
    return question.alpha


def _counted(study: Study, asked: Question, carried: h3cells.Cells) -> pd.DataFrame:
    """Graduates, base and value on the cells of a question, everybody where they now lie."""
    table = study.series(role=asked.role, year=asked.year, group=asked.group)
    table = table.set_axis(pd.Index(carried, name="cell"), axis=0)
    if _fineness(study, asked) != study.info.resolution and len(table):
        table = roll_up(table, resolution=_fineness(study, asked))
    if asked.measure == "density":
        table["area_km2"] = h3cells.area_km2(table.index)
    return table.assign(value=values(table, asked))


def _coarser(study: Study, asked: Question, cells: h3cells.Cells) -> h3cells.Cells:
    """The cell of the question that holds each of the study's own cells."""
    return h3cells.parents(cells, resolution=_fineness(study, asked)) if len(cells) else cells


def _fineness(study: Study, asked: Question) -> int:
    return study.info.resolution if asked.resolution is None else asked.resolution


def _check_coarser(study: Study, asked: Question) -> None:
    if (found := _fineness(study, asked)) >= study.info.resolution:
        raise QuestionError(
            f"a grid can be shifted at a resolution coarser than {study.info.resolution}, that of"
            f" {study.info.name}, found {found}"
        )


def _held(study: Study, question: Question, places: Places) -> _Held:
    counted = study.series(role=question.role, year=question.year, group=question.group)
    member = pd.Series(
        pd.Categorical(places.member, categories=places.table["id"]).codes,
        index=places.member.index,
    )
    holding = _coarser(study, question, study.area)
    place = member.reindex(holding).fillna(-1).to_numpy(dtype=np.intp)
    at = np.flatnonzero(place >= 0)
    people = counted["graduates"].to_numpy(dtype=np.float64)[at]
    return _Held(at, people, place[at], len(places.table))


def found_again(
    mine: NDArray[np.intp],
    theirs: NDArray[np.intp],
    people: NDArray[np.float64],
    *,
    places: int,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """
    Largest part of each place in one place of a variant, and whether it is found again.

    Parameters
    ----------
    mine, theirs
        Place of each cell in the question and in the variant, -1 for none, shape (n,).
    people
        Graduates of each cell.
    places
        How many the question has.
    """
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
