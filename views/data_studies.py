"""Every study: its source, licence, definitions, breaks, audit, threshold and hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from spatial.schema import SchemaError
from spatial.shelf import shelf, studies_on, undo, undoable
from spatial.study import Study
from views.query import Query
from views.studies import known_studies, opened
from views.text import Translate, count_text, plain, say

__all__ = ["show_studies"]


def show_studies(query: Query, tr: Translate) -> None:
    """One box a study."""
    studies = known_studies()
    st.markdown(f"## {tr('Studies')}")
    st.caption(tr("What each study counts, where it comes from, and what may be said with it."))
    own = studies_on(shelf())
    for name, folder in studies.items():
        with st.container(border=True):
            try:
                study = opened(folder)
            except (SchemaError, OSError) as fault:
                st.markdown(f"### {plain(name)}")
                st.error(tr("This study cannot be opened: {fault}").format(fault=plain(str(fault))))
                continue
            _study(name, study, query, tr)
            if name in own:
                _take_back(name, tr)
    gone = [name for name in _undone(own) if name not in studies]
    for name in gone:
        st.caption(tr("{name} was taken back.").format(name=plain(name)))
        _take_back(name, tr)


def _undone(own: dict[str, Path]) -> list[str]:
    before = shelf() / ".before"
    names = [one.name for one in before.iterdir()] if before.is_dir() else []
    return [one for one in sorted(names) if one not in own and undoable(shelf(), one)]


def _study(name: str, study: Study, query: Query, tr: Translate) -> None:
    info, lang = study.info, query.lang
    left, right = st.columns([3, 1], vertical_alignment="center")
    with left:
        tag = f" :orange-badge[{tr('Synthetic sample')}]" if info.synthetic else ""
        st.markdown(f"### {plain(say(info.title, lang) or name)}{tag}")
        roles = " · ".join(tr("homes") if one == "residence" else tr("jobs") for one in study.roles)
        years = f"{study.years[0]}–{study.years[-1]}" if study.years else tr("no years")
        st.caption(
            tr("{roles}, {years}; {cells} cells of resolution {resolution}").format(
                roles=roles,
                years=years,
                cells=count_text(len(study.area), lang),
                resolution=info.resolution,
            )
        )
    with right:
        st.button(tr("Open"), key=f"open_{name}", on_click=_open, args=(name,), width="stretch")
    _facts(study, tr)
    with st.expander(tr("Definitions and breaks")):
        for series, words in info.definitions.items():
            st.markdown(f"- *{plain(tr(series))}*: {plain(say(words, lang))}")
        for one in info.breaks:
            told = plain(say(one.reason, lang))
            st.markdown(f"- **{one.after} | {one.before}** ({plain(one.series)}): {told}")
        for words in info.notes.values():
            st.markdown(f"- {plain(say(words, lang))}")
        if not (info.definitions or info.breaks or info.notes):
            st.caption(tr("This study says nothing of its definitions."))
    with st.expander(tr("Where everybody went (audit)")):
        _audit(study, tr)
    with st.expander(tr("Tables and hashes")):
        rows = [{tr("file"): file, "SHA-256": digest} for file, digest in study.files.items()]
        st.dataframe(pd.DataFrame(rows), hide_index=True, key=f"files_{name}")
        st.caption(tr("Digest of the whole: {digest}").format(digest=study.digest))


def _facts(study: Study, tr: Translate) -> None:
    info = study.info
    source = info.source
    rows = [
        (tr("Source"), source.name or "–"),
        (tr("Address"), source.url or "–"),
        (tr("Licence"), source.licence or "–"),
        (tr("Citation"), source.citation or "–"),
        (
            tr("Threshold"),
            tr("counts under {threshold} are hidden").format(threshold=info.threshold)
            if info.threshold
            else tr("none: every count is shown"),
        ),
    ]
    if info.modelled:
        rows.append((tr("Modelled"), ", ".join(info.modelled)))
    for layer, one in getattr(info, "attributions", {}).items():
        told = " · ".join(text for text in (one.name, one.licence, one.citation) if text)
        rows.append((f"{tr('Layer')} {layer}", told))
    st.markdown("\n".join(f"- *{label}*: {plain(str(value))}" for label, value in rows))


def _audit(study: Study, tr: Translate) -> None:
    rows: list[dict[str, Any]] = []
    for one in study.info.audit:
        dropped = one.get("dropped") or {}
        rows.append(
            {
                tr("what"): str(one.get("role", "")),
                tr("year"): str(one.get("year", "")),
                tr("file"): str(one.get("file", "")),
                tr("people in"): _number(one.get("people_in", one.get("rows"))),
                tr("on the map"): _number(one.get("on_map", one.get("kept"))),
                tr("dropped"): "; ".join(f"{_number(n)} {why}" for why, n in dropped.items())
                if isinstance(dropped, dict)
                else _number(dropped),
                tr("notes"): "; ".join(map(str, one.get("notes") or [])),
            }
        )
    if not rows:
        st.caption(tr("This study was not loaded from files: there is no audit."))
        return
    st.dataframe(pd.DataFrame(rows), hide_index=True, key=f"audit_{study.info.name}")


def _number(value: object) -> str:
    if not isinstance(value, int | float):
        return "" if value is None else str(value)
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _take_back(name: str, tr: Translate) -> None:
    if undoable(shelf(), name):
        st.button(tr("Undo the last change"), key=f"undo_{name}", on_click=_undo, args=(name,))


def _undo(name: str) -> None:
    undo(shelf(), name)


def _open(name: str) -> None:
    st.session_state["study"] = name
    st.session_state["page"] = "explore"
