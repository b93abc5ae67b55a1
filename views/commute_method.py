"""How the figures of the commute page are made, each with its definition."""

from __future__ import annotations

import streamlit as st

from spatial.bands import Bands
from spatial.commute_words import indicators_of
from spatial.corridors import BusRules
from spatial.geodesy import EARTH_RADIUS_KM
from spatial.rail import RailRules
from spatial.study import Study
from views.commutes import bands_km, pairs, reach, sphere_reach
from views.query import Query
from views.text import Translate, plain, say
from views.words import INDICATOR_WORDS, marked

__all__ = ["show_commute_method"]


def show_commute_method(query: Query, study: Study, tr: Translate) -> None:
    """A popover with the rules behind distances, times, bounds and bus lines."""
    with st.popover(tr("Method"), key="method"):
        st.markdown(f"**{tr('Distance')}**")
        found = pairs(query)
        ends = _ENDS["points" if found.exact else "cells"]
        st.markdown(tr(ends))
        st.markdown(
            tr(
                "Distances are geodesics on the WGS-84 ellipsoid: {mean} km on average. On a sphere"
                " of radius {radius} km it would be {sphere} km."
            ).format(
                mean=f"{reach(found)[0]:.3f}",
                radius=f"{EARTH_RADIUS_KM:.4f}",
                sphere=f"{sphere_reach(found):.3f}",
            )
        )
        rail, bus = RailRules(), BusRules()
        st.markdown(f"**{tr('Time, modelled')}**")
        st.markdown(
            tr(
                "Walk at {walk} m a minute over {detour} times the straight line, {wait} min wait,"
                " trains at {train} km/h and {stop} min a stop, {transfer} min a change; or"
                " straight at {direct} km/h and {fixed} min, whichever is faster."
            ).format(
                walk=f"{rail.walk_m_per_minute:g}",
                detour=f"{rail.detour:g}",
                wait=f"{rail.wait_minutes:g}",
                train=f"{rail.train_kmh:g}",
                stop=f"{rail.stop_minutes:g}",
                transfer=f"{rail.transfer_minutes:g}",
                direct=f"{rail.direct_kmh:g}",
                fixed=f"{rail.direct_minutes:g}",
            )
        )
        st.markdown(f"**{tr('Bus lines, modelled')}**")
        st.markdown(
            tr(
                "Pairs over {km} km and {minutes} min are gathered by place, or by cells some 2.5"
                " km across. A booked bus runs at {kmh} km/h over {detour} times the straight line"
                " after {wait} min wait; the way to its stop is by shared bicycle. Only those who"
                " would be faster are counted."
            ).format(
                km=f"{bus.least_km:g}",
                minutes=f"{bus.least_minutes:g}",
                kmh=f"{bus.bus_kmh:g}",
                detour=f"{bus.detour:g}",
                wait=f"{bus.wait_minutes:g}",
            )
        )
        st.markdown(f"**{tr('Indicators')}**")
        for name, one in indicators_of(Bands(bands_km(query))).items():
            if name in INDICATOR_WORDS:
                told = f"- *{tr(INDICATOR_WORDS[name])}*: {tr(one.definition)}"
                st.markdown(f"{told} :gray[{one.source}]")
        st.caption(tr("Intervals: neighbouring homes or jobs are drawn anew together, 200 times."))
        who = study.info.definitions.get("flows") or study.info.notes.get("flows")
        if who:
            st.markdown(f"**{tr('Data')}**")
            st.markdown(plain(say(who, query.lang)))


_ENDS = {
    "points": marked("From the source's own point of the home to that of the job."),
    "cells": marked(
        "From the middle of the home's cell to that of the job's: within one cell it counts as"
        " none, so the shortest ways are told too short."
    ),
}
