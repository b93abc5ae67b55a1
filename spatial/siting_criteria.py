"""The criteria homes are sited by: what each says, and the settings to start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial.criterion import Criterion
from spatial.info import Words
from spatial.question import QuestionError
from spatial.study import Study

__all__ = ["CRITERIA", "default_criteria", "rent_edge", "set_criteria"]

CRITERIA: Final[dict[str, Words]] = {
    "inside": {
        "en": "The cell's centre lies in the chosen area.",
        "zh": "网格中心位于所选区域内。",
    },
    "walk_minutes": {
        "en": "Minutes' walk from the cell's centre to the nearest station open in the year, along"
        " a straight line at 80 m/min: ten minutes are 800 m.",
        "zh": "从网格中心到当年已开通的最近车站的步行时间(分钟),按直线距离、每分钟80米计:"
        "十分钟为800米。",
    },
    "work_minutes": {
        "en": "Mean modelled minutes from door to door to the work places, each counted by the"
        " graduates who work there: what a way to work takes if those who move in work where"
        " graduates work now.",
        "zh": "到各就业集聚区的模型估算平均通勤时间(分钟,门到门),按各集聚区的毕业生就业人数加权:"
        "即新入住者与现有毕业生就业分布相同时的平均通勤时间。",
    },
    "rent": {
        "en": "Median rent of the listings in the cell or, where they are few, around it.",
        "zh": "网格内(房源过少时为其周边)房源租金的中位数。",
    },
    "small_units": {
        "en": "Share of the listings within reach whose floor area is at most the given one.",
        "zh": "可达范围内面积不超过给定值的房源所占比重。",
    },
    "graduates_near": {
        "en": "Graduates who live within reach: the demand there is now.",
        "zh": "可达范围内居住的毕业生人数:现有需求。",
    },
    "jobs_near": {
        "en": "Graduates who work within reach.",
        "zh": "可达范围内就业的毕业生人数。",
    },
}
"""Every criterion, in the order of the table, with what its values are."""

_HIGH: Final = 0.98  # of the cells that have anybody near stand below the best value


def default_criteria(study: Study, values: pd.DataFrame) -> tuple[Criterion, ...]:
    """
    A criterion for each column of `criteria_values`, to start from.

    Near rail, near work and cheap weigh 3 each, demand 2, small units and jobs within reach 1.
    A walk of more than 15 minutes, an unknown rent and one above the study's edge exclude. The
    best value of `graduates_near` and `jobs_near` is the one that 98 % of the cells with anybody
    near stay below, to two digits; a rent is best at half its limit; where no listings are
    near, small units have the score of the median cell.
    """
    edge = rent_edge(study, values)
    known: dict[str, Criterion] = {}
    if "inside" in values:
        known["inside"] = Criterion(id="inside", worst=0, best=1, limit=1, scored=False)
    if "walk_minutes" in values:
        known["walk_minutes"] = Criterion(
            id="walk_minutes", weight=3, worst=15, best=5, limit=15, unit="min"
        )
    if "work_minutes" in values:
        known["work_minutes"] = Criterion(
            id="work_minutes", weight=3, worst=75, best=30, unit="min"
        )
    if "rent" in values:
        currency = study.info.currency
        known["rent"] = Criterion(
            id="rent",
            weight=3,
            worst=edge,
            best=edge / 2,
            limit=edge,
            unit=currency.get("en") or next(iter(currency.values()), ""),
        )
    if "small_units" in values:
        middle = float(np.nan_to_num(values["small_units"].median(), nan=0.5))
        known["small_units"] = Criterion(
            id="small_units", worst=0, best=1, neutral=round(middle, 2), unit="share"
        )
    for name, weight in (("graduates_near", 2), ("jobs_near", 1)):
        if name in values:
            known[name] = Criterion(
                id=name, weight=weight, worst=0, best=_high(values[name]), unit="graduates"
            )
    return tuple(known.values())


def set_criteria(
    criteria: Sequence[Criterion],
    *,
    weights: Mapping[str, float] | None = None,
    limits: Mapping[str, float | None] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    neutrals: Mapping[str, float | None] | None = None,
) -> tuple[Criterion, ...]:
    """
    `criteria` with other weights, limits, ranges and neutral scores.

    Parameters
    ----------
    criteria
        Those of a study, as `default_criteria` gives them.
    weights
        By id. A criterion of weight 0 whose limit is named here is asked for its limit alone.
    limits
        By id; None takes the limit away. The rent's worst and best value move with its limit.
    ranges
        Worst and best value by id.
    neutrals
        Score where the value is unknown, by id; None takes such cells out of the question.

    Raises
    ------
    QuestionError
        When a criterion is not known, or a number out of its range.
    """
    weight, limit, span, neutral = weights or {}, limits or {}, ranges or {}, neutrals or {}
    known = [one.id for one in criteria]
    if unknown := sorted({*weight, *limit, *span, *neutral} - set(known)):
        raise QuestionError(
            f"criteria here are {', '.join(known) or 'none'}, found {', '.join(unknown)}"
        )
    found = []
    for one in criteria:
        changes: dict[str, Any] = {}
        edge = limit.get(one.id)
        if one.id in limit:
            changes["limit"] = edge
        if edge is not None and edge > 0 and one.id == "rent":
            changes |= {"worst": edge, "best": edge / 2}
        if one.id in span:
            changes["worst"], changes["best"] = span[one.id]
        if one.id in neutral:
            changes["neutral"] = neutral[one.id]
        if one.id in weight:
            changes["weight"] = weight[one.id]
            if weight[one.id] == 0 and edge is not None:
                changes |= {"weight": 1.0, "scored": False}
        found.append(replace(one, **changes))
    return tuple(found)


def rent_edge(study: Study, values: pd.DataFrame) -> float:
    """The middle one of the study's rent edges; without any, its cells' median to two digits."""
    edges = study.info.rent_edges
    if edges:
        return float(edges[len(edges) // 2])
    if "rent" not in values:
        return 1.0
    return _two_digits(float(values["rent"].median()))


def _high(amounts: pd.Series) -> float:
    somebody = amounts[amounts > 0]
    return _two_digits(float(somebody.quantile(_HIGH))) if len(somebody) else 1.0


def _two_digits(value: float) -> float:
    return float(f"{value:.1e}") if np.isfinite(value) and value > 0 else 1.0
