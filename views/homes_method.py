"""How the figures of the page on homes are made."""

from __future__ import annotations

import streamlit as st

from spatial.siting_criteria import CRITERIA
from spatial.study import Study
from views.query import Query
from views.text import Translate, plain, say
from views.words import CRITERION_WORDS, marked

__all__ = ["show_homes_method"]

_RULES = {
    "more": (
        marked(
            "Location quotient: graduates over what the base would lead one to expect at the"
            " study's own rate. A cell is coloured only where its exact Poisson interval, with"
            " false discovery control over all cells, leaves 1 out; the colour is the quotient"
            " shrunk towards 1 by how little the cell can prove. Ten graduates where nobody is"
            " known to live are no finding."
        ),
        marked(
            "Slope: per cent more graduates for one per cent more base, by Poisson regression over"
            " all cells with base, with robust errors. Against rent: rank correlation of the"
            " quotient with the cell's median rent, neighbourhoods drawn anew for its interval."
        ),
        marked("Garwood 1936; Clayton & Kaldor 1987; Santos Silva & Tenreyro 2006; Spearman 1904."),
    ),
    "rent": (
        marked(
            "Median of the listings in the cell where there are five or more, else of those in the"
            " smallest ring of cells around it that holds five, three rings at most; else nothing."
            " Figures of zones are spread by area. How many listings a cell rests on, and from how"
            " far, stands in its tooltip."
        ),
        marked("Affordable: a rent of at most 20, 30 or 40 % of monthly pay."),
    ),
    "access": (
        marked(
            "Straight line from the middle of the cell to the nearest station that runs in the"
            " year, at 80 m a minute: ten minutes are 800 m. Campus and work place: within 1 km."
            " The ends of lines are the stations with one neighbour in the graph of the rail."
        ),
    ),
    "kinds": (
        marked(
            "Homes are called by the first rule that fires: campus edge, large estate, end of a"
            " line, near the magnets, fringe. Places of work go by their share of all graduates'"
            " jobs. A published finding names such kinds and gives no thresholds: these are ours."
        ),
    ),
    "balance": (
        marked(
            "Homes less jobs over both: 1 where there are only homes, −1 where only jobs. Minutes"
            " from residence places to places of work are modelled from door to door."
        ),
    ),
    "siting": (
        marked(
            "Each criterion scores a cell from 0 to 1, linear between its worst and best value; the"
            " score is their mean, weighted. Cells beyond a limit are out. Good cells that touch"
            " are joined to sites a quarter of an hour's walk across, judged by the medians of"
            " their cells."
        ),
        marked(
            "Stays: share of 1 000 random weightings, drawn around the chosen weights, in which a"
            " site is among the best 20."
        ),
        marked("Lahdelma & Salminen 2001."),
    ),
}


def show_homes_method(query: Query, study: Study, tr: Translate) -> None:
    """A popover with the rules of the topic."""
    with st.popover(tr("Method"), key="method"):
        for text in _RULES[query.topic]:
            st.markdown(tr(text))
        if query.topic == "siting":
            for name, words in CRITERIA.items():
                st.markdown(f"- *{tr(CRITERION_WORDS[name])}*: {say(words, query.lang)}")
        note = study.info.notes.get("rents")
        if note and query.topic in ("rent", "siting", "more"):
            st.caption(plain(say(note, query.lang)))
