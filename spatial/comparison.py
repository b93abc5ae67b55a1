"""Comparison: everything an answer about two years of one study depends on, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial.agreement import Agreement, agreement
from spatial.analysis import hotspot_table, neighbours_of, place_table
from spatial.change import YARDSTICKS, Yardstick, difference, recoded
from spatial.lineage import Lineages, find_lineages
from spatial.neighbours import Neighbours
from spatial.noise import estimate_dispersion
from spatial.places import Places, find_places
from spatial.question import Question, QuestionError
from spatial.reasons import Reason, incomparable, incomparable_studies
from spatial.schema import Role, SchemaError
from spatial.study import Study
from spatial.trend import trend_words

__all__ = [
    "Comparison",
    "Reason",
    "agreement_between",
    "difference_table",
    "incomparable",
    "incomparable_studies",
    "lineages_between",
    "trends",
    "years_between",
]

_MORE: Final = 3  # times the places shown are looked at, before one is called new or gone
_ANY_YEAR: Final = 2000
_YEARS: Final = (1900, 2200)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """
    What is asked of two years: hashable, so a cache key; all words and numbers, so a link.

    Parameters
    ----------
    first, second
        Years of observation, the earlier one first.
    role, group, resolution, k, alpha, top
        As in a Question, for both years alike.
    against
        What a cell or place is expected to hold in the second year: what it held ("before"),
        its share of all graduates ("total"), or what its base predicts ("base"). Places know no
        base, so that their lineage takes "base" for "total".

    Raises
    ------
    QuestionError
        When any of these is out of its range, every fault being named.
    """

    first: int
    second: int
    role: Role = "residence"
    group: str = "all"
    resolution: int | None = None
    k: int = 1
    alpha: float = 0.05
    top: int = 20
    against: Yardstick = "before"

    def __post_init__(self) -> None:
        faults = []
        low, high = _YEARS
        for name in ("first", "second"):
            year = getattr(self, name)
            if not isinstance(year, int) or isinstance(year, bool) or not low <= year <= high:
                faults.append(f"{name} must be whole, {low} to {high}, found {year}")
        if not faults and self.first >= self.second:
            faults.append(
                f"the earlier of two different years must come first, found {self.first} and"
                f" {self.second}"
            )
        if self.against not in YARDSTICKS:
            faults.append(f"against must be one of {', '.join(YARDSTICKS)}, found {self.against}")
        try:
            self.question(_ANY_YEAR)
        except QuestionError as fault:
            faults.append(str(fault))
        if faults:
            raise QuestionError("; ".join(faults))

    def question(self, year: int) -> Question:
        """The same asked of one year."""
        return Question(
            year=year,
            role=self.role,
            group=self.group,
            resolution=self.resolution,
            k=self.k,
            alpha=self.alpha,
            top=self.top,
        )

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Comparison:
        """
        The comparison in `given`, missing fields at their defaults.

        Raises
        ------
        QuestionError
            When a field is not known, is out of its range, or a year is missing.
        """
        known = [one.name for one in fields(cls)]
        if unknown := sorted(set(given) - set(known)):
            raise QuestionError(
                f"a comparison has {', '.join(known)}, found {', '.join(map(str, unknown))}"
            )
        if missing := [name for name in ("first", "second") if name not in given]:
            raise QuestionError(f"a comparison needs two years, {' and '.join(missing)} missing")
        return cls(**given)


def years_between(study: Study, comparison: Comparison) -> tuple[int, ...]:
    """
    Years in which the comparison's role was counted, from its first to its second.

    Raises
    ------
    SchemaError
        When it was not counted in one of those two.
    """
    counted = study.years_of(comparison.role)
    first, second = comparison.first, comparison.second
    if missing := sorted({first, second} - set(counted)):
        raise SchemaError(
            f"{study.info.name} counts {comparison.role} in"
            f" {', '.join(map(str, counted)) or 'no year'},"
            f" not in {' and '.join(map(str, missing))}"
        )
    return tuple(year for year in counted if first <= year <= second)


def difference_table(
    study: Study,
    comparison: Comparison,
    *,
    tables: Mapping[int, pd.DataFrame] | None = None,
    neighbours: Neighbours | None = None,
) -> pd.DataFrame:
    """
    What changed in each cell of the study area between the two years.

    Parameters
    ----------
    study, comparison
        What is asked of what.
    tables
        Answers of either year to `comparison.question`, as `hotspot_table` gives them; those
        not given are made.
    neighbours
        As `neighbours_of` gives them; looked up anew when left out.

    Returns
    -------
    pandas.DataFrame
        Index `cell` (uint64, sorted), zeros included. The columns of `difference`, with the
        study's bases where it has them in both years; hotspot_before and hotspot_after, z_before
        and z_after; recoded (bool: looks like people entered next door, see `recoded`);
        area_km2.

    Raises
    ------
    QuestionError
        When the comparison is against a base that the study does not have in both years.
    SchemaError
        When the study has no such role, year or group.
    """
    years_between(study, comparison)
    around = neighbours or neighbours_of(study, comparison.question(comparison.first))
    one, other = (
        _table(study, comparison, year, tables, around)
        for year in (comparison.first, comparison.second)
    )
    before, after = one["graduates"], other["graduates"]
    noise = estimate_dispersion(before, after)
    found = difference(
        before,
        after,
        **_bases(study, comparison, one, other),
        against=comparison.against,
        alpha=comparison.alpha,
        dispersion=noise,
    )
    for name in ("hotspot", "z"):
        found[f"{name}_before"], found[f"{name}_after"] = one[name], other[name]
    found["recoded"] = recoded(before, after, around, alpha=comparison.alpha, dispersion=noise)
    found["area_km2"] = one["area_km2"]
    return found


def lineages_between(
    study: Study,
    comparison: Comparison,
    *,
    answers: Mapping[int, tuple[pd.DataFrame, Places]] | None = None,
    neighbours: Neighbours | None = None,
) -> Lineages:
    """
    Places through all years of the role from the first to the second, and what became of each.

    Three times as many peaks as are shown are looked at before one is called new or gone.

    Parameters
    ----------
    study, comparison
        What is asked of what.
    answers
        The table of `hotspot_table` and the places of `place_table` by year, to
        `comparison.question`; those not given are made.
    neighbours
        As `neighbours_of` gives them; looked up anew when left out.

    Raises
    ------
    SchemaError
        When the study has no such role, year or group.
    """
    answers = answers or {}
    around = neighbours or neighbours_of(study, comparison.question(comparison.first))
    counts, shown, more = {}, {}, {}
    for year in years_between(study, comparison):
        if year in answers:
            table, shown[year] = answers[year]
        else:
            table = _table(study, comparison, year, None, around)
            shown[year] = place_table(study, comparison.question(year), table, neighbours=around)
        counts[year] = table["graduates"]
        more[year] = find_places(counts[year], table, around, top=_MORE * comparison.top)
    return find_lineages(
        shown,
        counts,
        candidates=more,
        against="before" if comparison.against == "before" else "total",
    )


def agreement_between(
    study: Study,
    comparison: Comparison,
    *,
    permutations: int = 199,
    rng: np.random.Generator,
    tables: Mapping[int, pd.DataFrame] | None = None,
    neighbours: Neighbours | None = None,
) -> Agreement:
    """
    How alike the hotspots of the two years are; see `agreement` for the numbers.

    Raises
    ------
    SchemaError
        When the study has no such role, year or group.
    ValueError
        When the study area is so ragged that it cannot be moved over itself.
    """
    years_between(study, comparison)
    around = neighbours or neighbours_of(study, comparison.question(comparison.first))
    one, other = (
        _table(study, comparison, year, tables, around)
        for year in (comparison.first, comparison.second)
    )
    return agreement(
        one["hotspot"],
        other["hotspot"],
        around,
        counts_before=one["graduates"],
        counts_after=other["graduates"],
        permutations=permutations,
        rng=rng,
    )


def trends(
    study: Study,
    comparison: Comparison,
    *,
    tables: Mapping[int, pd.DataFrame] | None = None,
    neighbours: Neighbours | None = None,
) -> pd.DataFrame:
    """
    What may be said of each cell over all years of the role, as `trend_words` says it.

    All years are used, not those compared alone, since a trend needs 8 of them to be tested at
    all; it is looked for in the z of Gi*. For places see `spatial.story.place_words`.

    Raises
    ------
    SchemaError
        When the study has no such role, year or group.
    """
    years_between(study, comparison)
    around = neighbours or neighbours_of(study, comparison.question(comparison.first))
    found = {
        year: _table(study, comparison, year, tables, around)
        for year in study.years_of(comparison.role)
    }
    hotspots = pd.DataFrame({year: table["hotspot"] for year, table in found.items()})
    scores = pd.DataFrame({year: table["z"] for year, table in found.items()})
    return trend_words(hotspots, scores, alpha=comparison.alpha)


def _table(
    study: Study,
    comparison: Comparison,
    year: int,
    tables: Mapping[int, pd.DataFrame] | None,
    neighbours: Neighbours,
) -> pd.DataFrame:
    if tables is not None and year in tables:
        return tables[year]
    return hotspot_table(study, comparison.question(year), neighbours=neighbours)


def _bases(
    study: Study, comparison: Comparison, one: pd.DataFrame, other: pd.DataFrame
) -> dict[str, pd.Series]:
    """The bases of both years, where the study has both."""
    lacking = [
        str(year)
        for year, table in ((comparison.first, one), (comparison.second, other))
        if not table["base"].notna().any()
    ]
    if not lacking:
        return {"base_before": one["base"], "base_after": other["base"]}
    if comparison.against == "base":
        raise QuestionError(
            f"against base needs the base of both years, and {study.info.name} has none for"
            f" {comparison.role} in {' and '.join(lacking)}"
        )
    return {}
