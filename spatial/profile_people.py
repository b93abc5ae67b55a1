"""Graduates of an area: how many by year, which share of all, and against their base."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial.info import Words
from spatial.profile_row import Row, Subject
from spatial.quotients import quotient_table
from spatial.reasons import incomparable
from spatial.schema import ROLES, Role

__all__ = ["base_rows", "people_rows"]

_ENDS: Final[dict[Role, str]] = {"residence": "home", "work": "work"}
_COUNTED: Final[dict[Role, Words]] = {
    "residence": {"en": "graduates at home", "zh": "居住地毕业生数"},
    "work": {"en": "graduates at work", "zh": "就业地毕业生数"},
}
_BASES: Final[dict[Role, Words]] = {
    "residence": {"en": "all residents, for a quotient", "zh": "常住人口（区位商的基数）"},
    "work": {"en": "all jobs, for a quotient", "zh": "就业岗位（区位商的基数）"},
}
_VERDICTS: Final[dict[str, Words]] = {
    "more": {"en": "more than the base, beyond chance", "zh": "显著高于基数"},
    "fewer": {"en": "fewer than the base, beyond chance", "zh": "显著低于基数"},
    "none": {"en": "not told apart from the base", "zh": "与基数无显著差异"},
}


def people_rows(asked: Subject) -> Iterator[Row | Words]:
    """Graduates by year in both roles, their share and density, jobs per home and the area."""
    year = asked.year
    area_km2 = float(asked.study.area_km2.to_numpy()[asked.inside].sum())
    yield Row(section="people", indicator="area_km2", year=year, value=area_km2, unit="km2")
    for role in ROLES:
        if not asked.study.years_of(role):
            yield _COUNTED[role]
            continue
        yield from _by_year(asked, role)
        yield from _of_all(asked, role, area_km2)
    both = sorted(set(asked.study.years_of("residence")) & set(asked.study.years_of("work")))
    if both:
        same = min(both, key=lambda one: abs(one - year))
        homes, jobs = (asked.people(role, same) for role in ROLES)
        value = jobs / homes if homes else np.nan
        yield Row(section="people", indicator="jobs_per_home", year=same, value=value, unit="ratio")


def base_rows(asked: Subject) -> Iterator[Row | Words]:
    """Location quotient of each role, with the interval that chance leaves it."""
    for role in ROLES:
        year = asked.year_of(role)
        if year is None:
            continue
        if not asked.study.has_base(role, year):
            yield _BASES[role]
            continue
        table = asked.study.series(role=role, year=year)
        labels = pd.Series("in", index=table.index, name="area").where(asked.inside)
        table = quotient_table(table["graduates"], table["base"], by=labels)
        found: Any = table.loc["in"]
        yield Row(
            section="base",
            indicator=f"base_{_ENDS[role]}",
            year=year,
            value=float(found["base"]),
            unit="people",
        )
        if not asked.whole:  # there it is 1 by construction
            yield Row(
                section="base",
                indicator=f"lq_{_ENDS[role]}",
                year=year,
                value=float(found["lq"]),
                low=float(found["low"]),
                high=float(found["high"]),
                unit="ratio",
                note=_VERDICTS[str(found["verdict"])],
            )


def _by_year(asked: Subject, role: Role) -> Iterator[Row]:
    before = None
    for year in asked.study.years_of(role):
        yield Row(
            section="people",
            indicator=f"graduates_{_ENDS[role]}",
            year=year,
            value=asked.people(role, year),
            unit="people",
            note={} if before is None else _broken(asked, role, before, year),
        )
        before = year


def _broken(asked: Subject, role: Role, before: int, year: int) -> Words:
    """What speaks against a comparison with the year before, in each language."""
    reasons = [one.reason for one in incomparable(asked.study, before, year, role=role)]
    if not reasons:
        return {}
    english = "; ".join(one.get("en", "").rstrip(".") for one in reasons)
    chinese = "；".join(one.get("zh", "").rstrip("。") for one in reasons)
    return {
        "en": f"not comparable with {before}: {english}",
        "zh": f"与{before}年口径不可比：{chinese}",
    }


def _of_all(asked: Subject, role: Role, area_km2: float) -> Iterator[Row]:
    year = asked.year_of(role)
    if year is None:
        return
    total = float(asked.study.series(role=role, year=year)["graduates"].sum())
    here = asked.people(role, year)
    end = _ENDS[role]
    if not asked.whole:
        yield Row(
            section="people",
            indicator=f"share_{end}",
            year=year,
            value=here / total if total else np.nan,
            unit="share",
        )
    yield Row(
        section="people",
        indicator=f"density_{end}",
        year=year,
        value=here / area_km2 if area_km2 else np.nan,
        unit="people per km2",
    )
