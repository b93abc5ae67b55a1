"""What each indicator of the commute means, in which unit, and whose idea it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from spatial.bands import Bands

__all__ = ["QUANTILES", "Indicator", "definitions", "indicators_of"]

QUANTILES: Final = {
    "p10_distance_km": 0.10,
    "p25_distance_km": 0.25,
    "median_distance_km": 0.50,
    "p75_distance_km": 0.75,
    "p90_distance_km": 0.90,
}
"""Quantiles of the distance, by the name of the indicator."""


@dataclass(frozen=True)
class Indicator:
    """Unit, definition and source of one indicator, and whether a model had a part in it."""

    unit: str
    definition: str
    source: str
    modelled: bool = False


_OURS: Final = "a plain count of the study's flows"
_CERVERO: Final = (
    "Cervero, R. (1996). Jobs-housing balance revisited. Journal of the American Planning"
    " Association 62(4), 492-511"
)
_KARNEY: Final = (
    "Karney, C. F. F. (2013). Algorithms for geodesics. Journal of Geodesy 87, 43-55; the"
    " indicator as in the commuting reports of Chinese cities (China Academy of Urban Planning"
    " and Design, yearly since 2020)"
)
_REPORTS: Final = (
    "indicator of the commuting reports of Chinese cities (China Academy of Urban Planning and"
    " Design, yearly since 2020)"
)
_WHITE: Final = (
    'White, M. J. (1988). Urban commuting journeys are not "wasteful". Journal of Political'
    " Economy 96(5), 1097-1110"
)
_HORNER: Final = (
    "Horner, M. W. (2002). Extensions to the concept of excess commuting. Environment and"
    " Planning A 34(3), 543-566"
)
_QUANTILE: Final = (
    "Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. The American"
    " Statistician 50(4), 361-365, definition 1, weighted by people"
)
_ELLIPSE: Final = (
    "Yuill, R. S. (1971). The standard deviational ellipse. Geografiska Annaler B 53(1), 28-39,"
    " scaled to hold 90 %; " + _REPORTS
)
_TIME: Final = (
    "door to door by the rail model of this study (walk, wait, ride, transfer, walk) or straight"
    " at a stated speed, whichever is faster: modelled, not observed; " + _REPORTS
)

_BEFORE_BANDS: Final = {
    "residents": Indicator("people", "People of the flows who live in the area.", _OURS),
    "workers": Indicator("people", "People of the flows who work in the area.", _OURS),
    "self_containment": Indicator(
        "share",
        "People who both live and work in the area, of all who live there.",
        _CERVERO,
    ),
    "inflow": Indicator("people", "People who work in the area and live outside it.", _OURS),
    "outflow": Indicator("people", "People who live in the area and work outside it.", _OURS),
    "jobs_housing_ratio": Indicator(
        "ratio", "People who work in the area for each person who lives there.", _CERVERO
    ),
    "mean_distance_km": Indicator(
        "km", "Mean distance from home to work, each person counted once.", _KARNEY
    ),
    **{
        name: Indicator(
            "km",
            f"Least distance from home to work within which at least {share:.0%} of people"
            " commute.",
            _QUANTILE,
        )
        for name, share in QUANTILES.items()
    },
    "share_within_5km": Indicator(
        "share", "People whose work is 5 km or less from home, of all.", _REPORTS
    ),
}

_AFTER_BANDS: Final = {
    "commuting_radius_km": Indicator(
        "km",
        "Semi-major axis of the ellipse that holds 90 % of homes and jobs taken together:"
        " their standard ellipse, widened until it does.",
        _ELLIPSE,
    ),
    "separation_km": Indicator(
        "km",
        "Jobs-housing separation: the least mean distance that the same homes and the same jobs"
        " allow, were people free to exchange jobs; low and high are a guaranteed bound, not"
        " chance.",
        _WHITE,
    ),
    "maximum_km": Indicator(
        "km",
        "The greatest mean distance that the same homes and the same jobs allow; low and high"
        " are a guaranteed bound, not chance.",
        _HORNER,
    ),
    "excess_share": Indicator(
        "share",
        "Part of the mean distance on the ellipsoid that the layout of homes and jobs does not"
        " force: (mean - separation) / mean; low and high follow from the bound of the"
        " separation.",
        _WHITE,
    ),
    "capacity_used": Indicator(
        "share",
        "Where the mean distance on the ellipsoid stands between the least and the greatest that"
        " the layout allows: (mean - separation) / (maximum - separation); low and high follow"
        " from the bounds of both.",
        _HORNER,
    ),
    "mean_minutes": Indicator("min", "Mean time one way from door to door.", _TIME, modelled=True),
    "share_within_45min": Indicator(
        "share", "People whose way takes 45 minutes or less, of all.", _TIME, modelled=True
    ),
    "share_over_60min": Indicator(
        "share", "People whose way takes more than 60 minutes, of all.", _TIME, modelled=True
    ),
    # Both are plain geometry: no model of time has a part in them.
    "homes_near_rail": Indicator(
        "share",
        "People whose home lies within 800 m of a station that runs in the year, in a straight"
        " line, of all.",
        _REPORTS,
    ),
    "rail_coverage_800m": Indicator(
        "share",
        "People with both home and work within 800 m of a station that runs in the year, in a"
        " straight line, of all.",
        _REPORTS,
    ),
    "rail_within_45min": Indicator(
        "share",
        "People whose way takes 45 minutes or less, of those for whom rail is the faster way.",
        _TIME,
        modelled=True,
    ),
    "last_mile_minutes": Indicator(
        "min",
        "Mean walk at both ends together, from home to the first station and from the last to"
        " work, of those for whom rail is the faster way.",
        _TIME,
        modelled=True,
    ),
}


def indicators_of(bands: Bands) -> dict[str, Indicator]:
    """Every indicator by its English name, in the order they are told."""
    return {**_BEFORE_BANDS, **_of_bands(bands), **_AFTER_BANDS}


def definitions(bands: Bands) -> pd.DataFrame:
    """Table of unit, definition, source and modelled, index `indicator`."""
    rows = indicators_of(bands)
    index = pd.Index(list(rows), name="indicator")
    return pd.DataFrame([vars(one) for one in rows.values()], index=index)


def _of_bands(bands: Bands) -> dict[str, Indicator]:
    lows, highs = (0.0, *bands.edges), (*bands.edges, None)
    found = {}
    for name, low, high in zip(bands.names, lows, highs, strict=True):
        between = f"{low:g} {bands.unit} or more" if low else ""
        if high is not None:
            between += f"{' and ' if low else ''}less than {high:g} {bands.unit}"
        told = f"People whose work is {between or 'at any distance'} from home, of all."
        found[name] = Indicator("share", told, _REPORTS if bands.unit == "km" else _OURS)
    return found
