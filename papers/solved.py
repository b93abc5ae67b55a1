"""Everything a brief tells of two years, worked out once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from spatial.analysis import measure_table, neighbours_of
from spatial.commute_report import CommuteReport, commute_report
from spatial.comparison import (
    answers_between,
    difference_table,
    lineages_between,
    reasons_against,
)
from spatial.drift import Drift, drift
from spatial.findings import Findings, findings
from spatial.lineage import Lineages
from spatial.pairs import flow_years
from spatial.places import Places
from spatial.question import QuestionError
from spatial.reasons import Reason
from spatial.rent import rent_table
from spatial.scale import round_edges
from spatial.siting_setting import Setting, rent_per
from spatial.study import Study
from spatial.trend import Proof, provable
from spatial.two_years import Comparison

__all__ = ["Solved", "solve_years"]


@dataclass(frozen=True, eq=False)
class Solved:
    """
    Two years of a study.

    Parameters
    ----------
    answers
        Cells and places of every year from the first to the second.
    edges
        Class edges, pooled over every year of the role.
    changed, lineages
        What changed in each cell, and what became of each place.
    drift, findings
        The city's shape and the four findings; None where a year has no graduates.
    commute, rents
        Of the second year; None where the study cannot tell.
    reasons
        Against comparing the two years.
    """

    study: Study
    comparison: Comparison
    answers: dict[int, tuple[pd.DataFrame, Places]]
    edges: tuple[float, ...]
    changed: pd.DataFrame
    lineages: Lineages
    drift: Drift | None
    findings: Findings | None
    commute: CommuteReport | None
    rents: pd.DataFrame | None
    reasons: tuple[Reason, ...]
    proof: Proof


def solve_years(
    study: Study, asked: Comparison, *, resamples: int, rng: np.random.Generator
) -> Solved:
    """
    The answers a brief is made of.

    Raises
    ------
    QuestionError, SchemaError
        When the study does not count the role, group or years asked for.
    """
    around = neighbours_of(study, asked.question(asked.second))
    answers = answers_between(study, asked, neighbours=around)
    tables = {year: table for year, (table, _) in answers.items()}
    shape = drift(study, role=asked.role, group=asked.group, resamples=resamples, rng=rng)
    peopled = {asked.first, asked.second} <= set(shape.peopled)
    return Solved(
        study=study,
        comparison=asked,
        answers=answers,
        edges=_edges(study, asked),
        changed=difference_table(study, asked, tables=tables, neighbours=around),
        lineages=lineages_between(study, asked, answers=answers, neighbours=around),
        drift=shape if peopled else None,
        findings=findings(shape, first=asked.first, last=asked.second) if peopled else None,
        commute=_commute(study, asked.second),
        rents=_rents(study, asked),
        reasons=tuple(reasons_against(study, asked)),
        proof=provable(len(answers)),
    )


def _edges(study: Study, asked: Comparison) -> tuple[float, ...]:
    question = asked.question(asked.second)
    values = [
        measure_table(study, replace(question, year=year))["value"].to_numpy()
        for year in study.years_of(asked.role)
    ]
    return tuple(round_edges(values, whole=True))


def _commute(study: Study, year: int) -> CommuteReport | None:
    both = all(year in study.years_of(role) for role in ("residence", "work"))
    if year not in flow_years(study) and not both:
        return None
    return commute_report(study, year)


def _rents(study: Study, asked: Comparison) -> pd.DataFrame | None:
    """Rents per room where rooms are known, as the page on homes has them."""
    if not study.has("rents"):
        return None
    try:
        per = rent_per(study, Setting(year=asked.second))
        return rent_table(study, year=asked.second, resolution=asked.resolution, per=per)
    except QuestionError:  # listings of no use: the brief goes without
        return None
