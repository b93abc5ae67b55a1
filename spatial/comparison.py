"""Comparison: two years of a study side by side, cell by cell and place by place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from spatial.agreement import Agreement, Null, agreement
from spatial.analysis import hotspot_table, neighbours_of, place_table
from spatial.change import difference, recoded
from spatial.lineage import Lineages, find_lineages
from spatial.neighbours import Neighbours
from spatial.noise import estimate_dispersion
from spatial.places import Places, find_places
from spatial.question import QuestionError
from spatial.reasons import Reason, incomparable, incomparable_studies
from spatial.schema import SchemaError
from spatial.study import Study
from spatial.trend import trend_words
from spatial.two_years import Comparison

__all__ = [
    "Comparison",
    "Reason",
    "agreement_between",
    "answers_between",
    "difference_table",
    "incomparable",
    "incomparable_studies",
    "lineages_between",
    "reasons_against",
    "trends",
    "years_between",
]

_MORE: Final = 3  # times the places shown are looked at, before one is called new or gone


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


def reasons_against(study: Study, comparison: Comparison) -> list[Reason]:
    """The breaks that the comparison crosses; empty where the two years are comparable."""
    return incomparable(
        study,
        comparison.first,
        comparison.second,
        role=comparison.role,
        group=comparison.group,
        against=comparison.against,
    )


def answers_between(
    study: Study,
    comparison: Comparison,
    *,
    answers: Mapping[int, tuple[pd.DataFrame, Places]] | None = None,
    neighbours: Neighbours | None = None,
) -> dict[int, tuple[pd.DataFrame, Places]]:
    """
    Cells and places of every year from the first to the second.

    Those in `answers` are taken as they are, the others made by `hotspot_table` and
    `place_table`.

    Raises
    ------
    SchemaError
        When the study has no such role, year or group.
    """
    around = neighbours or neighbours_of(study, comparison.question(comparison.first))
    found = {}
    for year in years_between(study, comparison):
        if answers is not None and year in answers:
            found[year] = answers[year]
            continue
        question = comparison.question(year)
        table = hotspot_table(study, question, neighbours=around)
        found[year] = table, place_table(study, question, table, neighbours=around)
    return found


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
        area_km2; comparable (bool, the same in all rows: False across a break).

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
    found["comparable"] = not reasons_against(study, comparison)
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
    around = neighbours or neighbours_of(study, comparison.question(comparison.first))
    answers = answers_between(study, comparison, answers=answers, neighbours=around)
    counts = {year: table["graduates"] for year, (table, _) in answers.items()}
    return find_lineages(
        {year: places for year, (_, places) in answers.items()},
        counts,
        candidates={
            year: find_places(counts[year], table, around, top=_MORE * comparison.top)
            for year, (table, _) in answers.items()
        },
        against="before" if comparison.against == "before" else "total",
    )


def agreement_between(
    study: Study,
    comparison: Comparison,
    *,
    permutations: int = 199,
    null: Null = "moved",
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
        null=null,
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
