"""Robustness: how often each place is found again when the question is asked a little otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from spatial.analysis import hotspot_table, neighbours_of, place_table
from spatial.offset import NOWHERE
from spatial.places import Places
from spatial.question import Question
from spatial.study import Study
from spatial.survival import Survival, survivals
from spatial.variants import Variant, variants_of

__all__ = ["MOSTLY", "SURE", "SURENESS", "Robustness", "Sureness", "robustness", "summed_up"]

Sureness = Literal["sure", "mostly", "shaky"]
"""How firm a place is."""
SURENESS: Final[tuple[Sureness, ...]] = get_args(Sureness)
"""Every such word, the firmest first."""

SURE: Final = 0.9
"""Least share of variants in which a sure place is found again; the threshold is ours."""
MOSTLY: Final = 2 / 3
"""The same for a place that is mostly found again; one found less often is shaky."""


@dataclass(frozen=True, eq=False)
class Robustness:
    """
    Places of a question, and how they fare under its variants.

    Parameters
    ----------
    question
        Which was asked.
    places
        Of the question itself.
    variants
        Questions that differ from it in resolution, k, alpha or the offset of the grid, shape
        (v,).
    held
        Largest part of each place's graduates that one place of a variant holds, 0 to 1: a row
        a place (its id), a column a variant (its number).
    again
        Whether the place is found again in the variant: such a place holds at least half of its
        graduates, and of no other place's graduates more. Of two places that a variant runs
        together only the larger is found again.
    """

    question: Question
    places: Places
    variants: tuple[Variant, ...]
    held: pd.DataFrame
    again: pd.DataFrame

    def __repr__(self) -> str:
        grades = self.table["sureness"].value_counts()
        told = ", ".join(f"{grades.get(one, 0)} {one}" for one in SURENESS)
        shifts = "" if self.shifted else ", the grid not shifted"
        return (
            f"Robustness({len(self.again)} places under {len(self.variants)} variants{shifts}:"
            f" {told})"
        )

    @property
    def shifted(self) -> bool:
        """Whether any variant shifts the grid: none can at the study's own resolution."""
        return any(one.offset != NOWHERE for one in self.variants)

    @property
    def table(self) -> pd.DataFrame:
        """
        A row a place, the surest first.

        Returns
        -------
        pandas.DataFrame
            Index id. Columns name, name_en, graduates, found (variants that find it again),
            survives (their share of all), sureness ("sure" from 0.9, "mostly" from two thirds,
            else "shaky").
        """
        told = pd.DataFrame(self.places.table[["id", "name", "name_en", "graduates"]])
        told = told.set_index("id")
        told["found"] = self.again.sum(axis=1).astype(np.int64)
        told["survives"] = told["found"] / max(len(self.variants), 1)
        grade = np.select([told["survives"] >= SURE, told["survives"] >= MOSTLY], [0, 1], 2)
        told["sureness"] = pd.array(SURENESS, dtype="str").take(grade)
        order = np.lexsort((-told["graduates"], -told["survives"]))
        return pd.DataFrame(told.iloc[order])

    def by(self, *names: str) -> pd.DataFrame:
        """Share of places found again by one choice, or two: resolution, k, alpha, offset."""
        told = pd.DataFrame([one.to_dict() for one in self.variants])
        told["offset"] = pd.Categorical(told["offset"], categories=self.varied["offset"])
        found = told[list(names)].assign(found=self.again.mean(axis=0).to_numpy())
        shares = found.groupby(list(names), observed=True)["found"].mean()
        return shares.unstack() if len(names) > 1 else shares.to_frame()

    @property
    def varied(self) -> dict[str, list[Any]]:
        """What was varied: the values of each choice, the question's own among them."""
        told = [Variant(question=self._settled).to_dict(), *(v.to_dict() for v in self.variants)]
        names = ("resolution", "k", "alpha", "offset")
        found = {name: list(dict.fromkeys(one[name] for one in told)) for name in names}
        return {name: one if name == "offset" else sorted(one) for name, one in found.items()}

    @property
    def _settled(self) -> Question:
        """The question with its resolution named."""
        own = self.question.resolution
        if own is None and self.variants:
            own = max(one.question.resolution or 0 for one in self.variants)
        return replace(self.question, resolution=own)


def robustness(
    study: Study,
    question: Question,
    variants: Sequence[Variant] | None = None,
    *,
    places: Places | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Robustness:
    """
    How often each place of a question is found again under its variants.

    Parameters
    ----------
    study, question
        What is asked of what.
    variants
        As `variants_of` gives them; the usual ones where left out.
    places
        Of the question, where they are at hand.
    tell
        Told how many variants are done, and of how many.

    Raises
    ------
    QuestionError, SchemaError
        When the study cannot answer the question or a variant.
    """
    if places is None:
        around = neighbours_of(study, question)
        table = hotspot_table(study, question, neighbours=around)
        places = place_table(study, question, table, neighbours=around)
    if variants is None:
        variants = variants_of(study, question)
    found = []
    for one in survivals(study, question, variants, places=places):
        found.append(one)
        if tell is not None:
            tell(len(found), len(variants))
    return summed_up(question, places, variants, found)


def summed_up(
    question: Question, places: Places, variants: Sequence[Variant], found: Iterable[Survival]
) -> Robustness:
    """The robustness of places, from what became of them in each variant, in any order."""
    ordered = sorted(found, key=lambda one: one.number)
    ids = pd.Index(places.table["id"], name="id")
    held = pd.DataFrame({one.number: one.held for one in ordered}, index=ids)
    again = pd.DataFrame({one.number: one.again for one in ordered}, index=ids)
    return Robustness(question, places, tuple(variants), held, again)
