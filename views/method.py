"""The method in plain words, with the parameters in force."""

from __future__ import annotations

import streamlit as st

from spatial.study import Study
from spatial.variants import variants_of
from views.answers import Answer
from views.query import Query
from views.sentences import chance_line
from views.sureness_words import varied_text
from views.text import Translate, plain, say
from views.words import marked

__all__ = ["show_comparison_method", "show_method"]


def show_method(query: Query, study: Study, found: Answer, tr: Translate) -> None:
    """A popover that explains what the numbers mean and where they come from."""
    with st.popover(tr("Method"), key="method"):
        st.markdown(f"**{tr('Data')}**")
        if study.info.synthetic:
            st.markdown(
                tr(
                    "The sample is synthetic: made by this project's own program from a "
                    "seed, so that it honours published totals and findings. It shows no "
                    "real person."
                )
            )
        for name, words in study.info.definitions.items():
            st.markdown(f"- *{tr(name)}*: {plain(say(words, query.lang))}")
        source = study.info.source
        told = " · ".join(one for one in (source.name, source.licence, source.citation) if one)
        if told:
            st.markdown(f"- *{tr('Source')}*: {plain(told)}")
        st.markdown(f"**{tr('Hot cells')}**")
        st.markdown(tr(_HOT[query.statistic]).format(rings=query.k))
        st.markdown(chance_line(query, found.cells, tr))
        st.markdown(f"**{tr('Places')}**")
        st.markdown(
            tr(
                "Hot cells that touch would run together over the centre. So we climb down "
                "from every peak of the smoothed counts and keep the {top} most prominent: "
                "those that stand highest above the saddle where they meet a higher peak. A "
                "place is the hot cells around its peak, above that saddle and above three "
                "tenths of the peak."
            ).format(top=query.top)
        )
        st.markdown(f"**{tr('How sure')}**")
        varied = varied_text(query, variants_of(study, query.question()), tr)
        st.markdown(varied.replace("\n", "\n\n"))
        st.markdown(f"**{tr('Classes')}**")
        st.markdown(
            tr(
                "The rule is ours: a place whose share of all graduates' jobs is at least "
                "twice its share of homes is a work centre; the other way round a "
                "residential pocket, or a campus edge when a campus lies within 1 km; else "
                "mixed live-work."
            )
        )
        st.caption(
            tr(
                "Gi*: Ord & Getis 1995. Local Moran: Anselin 1995. False discovery rate: "
                "Benjamini & Hochberg 1995."
            )
        )


_HOT = {
    "gi": marked(
        "Gi* compares the sum over a cell and its {rings} ring(s) of neighbours with what "
        "the whole study area would lead one to expect, zeros included."
    ),
    "moran": marked(
        "Local Moran asks whether a cell and its {rings} ring(s) of neighbours lie on the "
        "same side of the mean, further than chance would bring them."
    ),
}


def show_comparison_method(query: Query, study: Study, tr: Translate) -> None:
    """How two years are compared, and what is not claimed."""
    with st.popover(tr("Method"), key="method"):
        for title, text in _COMPARISON.items():
            st.markdown(f"**{tr(title)}**")
            st.markdown(tr(text))
        for name, words in study.info.definitions.items():
            st.markdown(f"- *{tr(name)}*: {plain(say(words, query.lang))}")
        st.caption(
            tr(
                "Shrinkage: Clayton & Kaldor 1987. Fuzzy kappa: Hagen-Zanker 2009. Ellipse: Yuill"
                " 1971. Trend: Mann 1945, Kendall 1975."
            )
        )


_COMPARISON = {
    marked("What counts as a change"): marked(
        "Counts are taken as Poisson with an overdispersion estimated from the data. A cell is"
        " coloured only where its change is beyond that noise at the chosen false discovery rate;"
        " its colour is the change shrunk towards none by how little the cell can prove."
    ),
    marked("What a place became"): marked(
        "Places of all years are matched by the graduates they share, and compared in fixed cells,"
        " so that an outline that moves is not a change. Appeared, grew, shrank, moved, split,"
        " merged and vanished all need a change beyond noise; whatever does not is steady. Grew,"
        " shrank and steady are told of the two years together: a slow change may be within noise"
        " from each year to the next. The thresholds are ours."
    ),
    marked("Direction and distance"): marked(
        "Intervals come from drawing neighbouring cells anew together, the same in every year. The"
        " answers in the sentence hold together with 95 % confidence, and what is not clear is"
        " not said."
    ),
    marked("Likeness"): marked(
        "Hot cells of both years against hot cells of either; graduates in those that stayed; and"
        " fuzzy kappa, in which a near miss counts in part. Chance is judged by turning and moving"
        " one map over the other, and is an order of magnitude."
    ),
    marked("Trends"): marked(
        "Below eight years no trend is tested, because no order of so few could prove one; the"
        " smallest p within reach stands beside the words."
    ),
}
