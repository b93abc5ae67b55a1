"""Siting: where small homes near rail and jobs, under a rent edge, would serve most."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Scale
from layers.palette import SITE
from layers.shapes import polygons_of
from layers.theme import SCORE_EDGES
from spatial.criterion import Criterion
from spatial.siting import compare
from spatial.siting_criteria import CRITERIA
from spatial.study import Study
from views.homes_data import Screen, screen
from views.query import Query
from views.text import Translate, count_text, percent_text, say
from views.topic import Topic, fact, row, rows_of
from views.words import CRITERION_WORDS, MISSING_WORDS

__all__ = ["figures", "topic", "written"]


def topic(query: Query, study: Study, tr: Translate) -> Topic:
    """Cells by score, and the sites they make."""
    found = screen(query)
    score = found.ranked["score"].reindex(found.values.index)
    level = np.searchsorted(SCORE_EDGES, score.fillna(-1.0).to_numpy(), side="right")
    table = pd.DataFrame(
        {
            "value": score.fillna(0.0).astype(np.float32),
            "class": level.astype(np.uint8),
            "graduates": found.values["graduates"],
        }
    )
    best = found.sites.table
    number = {int(one): at for at, one in enumerate(best["peak"], start=1)}
    held = found.sites.member.map(number).reindex(table.index).fillna(0)
    return Topic(
        sentence=_sentence(query, found, tr),
        quiet=_quiet(query, found, tr),
        table=table,
        scale=Scale(list(SCORE_EDGES), tr("Score"), ""),
        colours=list(SITE),
        labels=["0", *(f"{one:g}" for one in SCORE_EDGES[1:])],
        legend=tr("Score, 0 to 1"),
        ground="×",
        panel=_panel(query, study, found, tr),
        siting=_sliders(query, study, found, tr),
        member=held.to_numpy().astype(np.uint16),
    )


def written(criteria: tuple[Criterion, ...]) -> str:
    """Weights and limits as a link holds them."""
    parts = []
    for one in criteria:
        if one.scored:
            limit = "" if one.limit is None else f":{one.limit:g}"
            parts.append(f"{one.id}:{one.weight:g}{limit}")
    return ";".join(parts)


def _sentence(query: Query, found: Screen, tr: Translate) -> str:
    best = found.sites.table
    if best.empty:
        return tr("No cell meets every limit: raise one, or choose a larger area.")
    name = "name" if query.lang == "zh" else "name_en"
    text = tr("{cells} cells meet every limit in {year}; the best site is at {best}.")
    cells = int((found.ranked["rank"] > 0).sum())
    return text.format(
        cells=count_text(cells, query.lang), year=query.year, best=best[name].iloc[0]
    )


def _quiet(query: Query, found: Screen, tr: Translate) -> str:
    del query
    held = found.stays.reindex([int(one) for one in found.sites.table["peak"]])
    sure = int((held >= 0.9).sum())
    text = tr("{sure} of {all} sites stay among the best {top} in nine of ten random weightings")
    return text.format(sure=sure, all=len(held), top=found.setting.top)


def _panel(query: Query, study: Study, found: Screen, tr: Translate) -> dict[str, Any]:
    best = found.sites.table
    name = "name" if query.lang == "zh" else "name_en"
    rows = []
    for one in rows_of(best):
        stays = float(found.stays.get(int(one.peak), np.nan))
        facts = [
            fact(
                tr(CRITERION_WORDS[crit.id]),
                told(getattr(one, crit.id), crit, query, study, tr),
                note=say(CRITERIA[crit.id], query.lang),
            )
            for crit in found.criteria
            if crit.scored
        ]
        facts += [
            fact(tr("Graduates in the site"), count_text(one.graduates, query.lang)),
            fact(tr("Size"), f"{one.area_km2:.1f} km²"),
        ]
        rows.append(
            row(
                str(getattr(one, name)),
                [f"{one.score:.2f}", "–" if np.isnan(stays) else f"{stays:.0%}"],
                id_=str(one.id),
                at=(float(one.lat), float(one.lon)),
                chip=str(one.district if query.lang == "zh" else one.district_en) or "",
                bar=float(one.score),
                facts=facts,
                polygons=polygons_of(one.geometry),
            )
        )
    return {
        "title": tr("Sites, best first"),
        "note": "",
        "facts": [],
        "columns": [tr("Name"), tr("Score"), tr("stays")],
        "rows": rows,
        "hint": tr("“stays”: how often it is among the best under 1 000 random weightings."),
        "empty": tr("No cell meets every limit: raise one, or choose a larger area."),
    }


def told(value: float, one: Criterion, query: Query, study: Study, tr: Translate) -> str:
    """A criterion's value with its unit."""
    if np.isnan(value):
        return tr("unknown")
    if one.id == "small_units":
        return percent_text(value)
    if one.id.endswith("_minutes"):
        return tr("{minutes} min").format(minutes=round(value))
    unit = say(study.info.currency, query.lang) if one.id == "rent" else ""
    return f"{count_text(value, query.lang)} {unit}".strip()


def _sliders(query: Query, study: Study, found: Screen, tr: Translate) -> dict[str, Any]:
    used = [one for one in found.criteria if one.scored]
    plain = {one.id: one for one in found.plain}
    units = {
        "rent": say(study.info.currency, query.lang),
        "walk_minutes": tr("min"),
        "work_minutes": tr("min"),
    }

    def told_of(one: Criterion) -> dict[str, Any]:
        return {
            "id": one.id,
            "label": tr(CRITERION_WORDS[one.id]),
            "help": say(CRITERIA[one.id], query.lang),
            "weight": one.weight,
            "limit": one.limit,
            "worst": one.worst,
            "best": one.best,
            "neutral": one.neutral,
            "scored": one.scored,
            "unit": units.get(one.id, ""),
            "step": 100 if one.id == "rent" and (one.limit or 0) >= 500 else 1,
            "moves": one.id == "rent",
        }

    limits_only = [one for one in found.criteria if not one.scored]
    return {
        "key": f"{study.digest[:12]}-{found.setting}-{query.lang}",
        "size": len(found.values),
        "criteria": [told_of(one) for one in used]
        + [told_of(one) | {"hidden": True} for one in limits_only],
        "plain": [told_of(plain[one.id]) for one in used]
        + [told_of(one) | {"hidden": True} for one in limits_only],
        "values": {
            one.id: found.values[one.id].to_numpy(dtype=np.float32) for one in found.criteria
        },
        "missing": [
            tr("Not here: {what}").format(what=tr(MISSING_WORDS[name]))
            for name in found.missing
            if name != "inside"
        ],
        "words": {
            "title": tr("What counts, and how much"),
            "reset": tr("Reset"),
            "weight": tr("Weight"),
            "limit": tr("Limit"),
            "at_most": tr("at most"),
            "at_least": tr("at least"),
        },
    }


def figures(query: Query, study: Study, tr: Translate) -> None:
    """Every criterion of every site, how sure the order is, and another setting beside it."""
    found = screen(query)
    if found.sites.table.empty:
        return
    left, right = st.columns([1.5, 1])
    with left:
        st.markdown(f"**{tr('What each criterion says')}**")
        st.dataframe(
            _table(query, study, found, tr),
            hide_index=True,
            height=38 + 35 * len(found.sites.table),
            key="sites",
        )
    with right:
        st.markdown(f"**{tr('How sure the order is')}**")
        st.altair_chart(_stays(query, found, tr), width="stretch")
    _beside(query, found, tr)


def _table(query: Query, study: Study, found: Screen, tr: Translate) -> pd.DataFrame:
    name = "name" if query.lang == "zh" else "name_en"
    rows = []
    for one in rows_of(found.sites.table):
        line: dict[str, Any] = {
            tr("Site"): getattr(one, name),
            tr("Score"): round(float(one.score), 3),
        }
        for crit in found.criteria:
            if crit.scored:
                line[tr(CRITERION_WORDS[crit.id])] = told(
                    getattr(one, crit.id), crit, query, study, tr
                )
        rows.append(line)
    return pd.DataFrame(rows)


def _stays(query: Query, found: Screen, tr: Translate) -> alt.Chart:
    name = "name" if query.lang == "zh" else "name_en"
    table = found.sites.table
    rows = pd.DataFrame(
        {
            "site": table[name].astype(str),
            "stays": [float(found.stays.get(int(one), np.nan)) for one in table["peak"]],
        }
    )
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(color=SITE[4])
        .encode(
            x=alt.X(
                "stays:Q",
                title=tr("stays among the best"),
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y("site:N", sort=None, title=None),
            tooltip=["site", alt.Tooltip("stays", format=".0%")],
        )
        .properties(height=22 * len(rows) + 40)
    )
    return chart


def _beside(query: Query, found: Screen, tr: Translate) -> None:
    """Two settings side by side: the one kept, and the one of now."""
    st.markdown(f"**{tr('Two settings side by side')}**")
    keep, drop, _ = st.columns([1, 1, 3])
    now = written(found.criteria)

    def kept(text: str) -> None:
        st.session_state["kept"] = text

    keep.button(tr("Keep this setting"), on_click=kept, args=(now,), width="stretch")
    if not query.kept:
        st.caption(tr("Keep a setting, then move the weights: both lists will stand here."))
        return
    drop.button(tr("Forget it"), on_click=kept, args=("",), width="stretch")
    other = screen(replace(query, weights=query.kept))
    name = "name" if query.lang == "zh" else "name_en"
    left, right = st.columns(2)
    for column, title, one in (
        (left, tr("Kept"), other),
        (right, tr("Now"), found),
    ):
        with column:
            st.caption(f"{title}: {_weights(one, tr)}")
            table = one.sites.table.head(20)
            rank = {str(site): at for at, site in enumerate(other.sites.table["id"], start=1)}
            rows = [
                {
                    "#": at,
                    tr("Site"): getattr(site, name),
                    tr("Score"): f"{site.score:.2f}",
                    **({tr("before"): str(rank.get(str(site.id), "–"))} if one is found else {}),
                }
                for at, site in enumerate(rows_of(table), start=1)
            ]
            st.table(pd.DataFrame(rows).set_index("#"))
    cells = compare(other.ranked, found.ranked, top=200)["found"].value_counts()
    st.caption(
        tr("Of the 200 best cells of each, {both} are the same.").format(
            both=int(cells.get("both", 0))
        )
    )


def _weights(found: Screen, tr: Translate) -> str:
    return ", ".join(
        f"{tr(CRITERION_WORDS[one.id])} {one.weight:g}" for one in found.criteria if one.scored
    )
