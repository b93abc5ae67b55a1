"""Districts as the map shows them: names, figures for the tooltip, classes for the fill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.palette import CHOROPLETH
from spatial.scale import round_edges
from spatial.study import Study
from views.answers import answer, districts_of
from views.query import Query
from views.text import Translate, count_text, say

__all__ = ["DistrictView", "district_view"]


@dataclass(frozen=True)
class DistrictView:
    """Names, tooltip rows and, where districts are filled, classes with their lower edges."""

    names: list[str]
    rows: list[list[str]]
    classes: dict[int, int] | None
    edges: list[float]
    title: str


def district_view(query: Query, study: Study, tr: Translate) -> DistrictView:
    """The study's districts for one question, in the order of their table."""
    table = study.layer("districts")
    names = [str(one) for one in table["name" if query.lang == "zh" else "name_en"]]
    graduates = _graduates(query, study)
    figures = [(one, table[one.column]) for one in study.info.figures if one.column in table]
    rows = []
    for number in range(len(table)):
        lines = [_line(tr("Graduates"), graduates.iloc[number], tr("persons"), query.lang)]
        lines += [
            _line(say(one.title, query.lang), values.iloc[number], say(one.unit, query.lang), "en")
            for one, values in figures
        ]
        rows.append(lines)
    chosen = _chosen(query, graduates, {one.column: values for one, values in figures})
    if chosen is None:
        return DistrictView(names, rows, None, [], "")
    edges = round_edges([chosen.to_numpy(dtype=np.float64)], classes=len(CHOROPLETH))
    at = np.searchsorted(edges, chosen.fillna(0), side="right") - 1
    classes = {number: int(one) for number, one in enumerate(at) if one >= 0}
    title = tr("Graduates") if query.fill == "graduates" else _title(query, study)
    return DistrictView(names, rows, classes, edges, title)


def _graduates(query: Query, study: Study) -> pd.Series:
    counted = answer(query).cells["graduates"]
    totals = counted.groupby(districts_of(query).to_numpy()).sum()
    ids = study.layer("districts")["id"]
    return pd.Series(ids.map(totals).fillna(0.0))


def _chosen(query: Query, graduates: pd.Series, figures: dict[str, pd.Series]) -> pd.Series | None:
    if query.fill == "none":
        return None
    return graduates if query.fill == "graduates" else figures.get(query.fill)


def _title(query: Query, study: Study) -> str:
    one = next(one for one in study.info.figures if one.column == query.fill)
    unit = say(one.unit, query.lang)
    return f"{say(one.title, query.lang)} ({unit})" if unit else say(one.title, query.lang)


def _line(title: str, value: float, unit: str, lang: str) -> str:
    return f"{title}: {count_text(float(value), lang)} {unit}".rstrip()
