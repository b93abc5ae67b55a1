"""The words of the controls, in English; the catalogues hold them in other languages."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CHANCE_WORDS",
    "CLASS_WORDS",
    "KIND_WORDS",
    "MEASURE_WORDS",
    "OVERLAY_WORDS",
    "PAGE_WORDS",
    "ROLE_WORDS",
    "STATISTIC_SCORES",
    "STATISTIC_WORDS",
    "marked",
]


def marked(text: str) -> str:
    """`text` itself: marks it for the catalogues where it is translated only later."""
    return text


PAGE_WORDS: Final = {
    "explore": marked("Explore"),
    "compare": marked("Compare"),
    "commute": marked("Commute"),
    "homes": marked("Homes"),
    "data": marked("Data"),
}

ROLE_WORDS: Final = {"residence": marked("Residence"), "work": marked("Workplace")}

MEASURE_WORDS: Final = {
    "count": marked("Graduates"),
    "density": marked("Graduates per km²"),
    "share": marked("Share of base"),
    "surplus": marked("Surplus over base"),
}

STATISTIC_WORDS: Final = {"gi": marked("Gi* (hot and cold)"), "moran": marked("Local Moran")}

CHANCE_WORDS: Final = {
    "analytic": marked("Normal distribution"),
    "permutation": marked("99,999 permutations"),
}

OVERLAY_WORDS: Final = {
    "places": marked("Places"),
    "hot": marked("Hot and cold cells"),
    "rail": marked("Metro lines and stations"),
    "walk": marked("10 minutes' walk"),
    "rents": marked("Rent bands"),
    "districts": marked("Districts"),
    "campuses": marked("Campuses"),
    "ground": marked("Water, parks, ring roads"),
    "drift": marked("Centre and spread"),
    "flows": marked("Flow lines"),
}

STATISTIC_SCORES: Final = {"gi": "Gi* z", "moran": "I z"}

KIND_WORDS: Final = {"room": marked("Room in a shared flat"), "flat": marked("Whole flat")}

CLASS_WORDS: Final = {
    "work_centre": marked("work centre"),
    "residential_pocket": marked("residential pocket"),
    "mixed_live_work": marked("mixed live-work"),
    "campus_edge": marked("campus edge"),
}

AREA_WORDS: Final = {
    "study": marked("Choose a district or a place, on the map or in the list, or draw an area."),
    "district": marked("district"),
    "place": marked("place"),
    "drawn": marked("drawn on the map"),
}

INDICATOR_WORDS: Final = {
    "residents": marked("Live here"),
    "workers": marked("Work here"),
    "self_containment": marked("Self-containment"),
    "inflow": marked("Inflow"),
    "outflow": marked("Outflow"),
    "jobs_housing_ratio": marked("Jobs per home"),
    "mean_distance_km": marked("Mean distance"),
    "p10_distance_km": marked("Nearest 10 % within"),
    "p25_distance_km": marked("Nearest 25 % within"),
    "median_distance_km": marked("Median distance"),
    "p75_distance_km": marked("Nearest 75 % within"),
    "p90_distance_km": marked("Nearest 90 % within"),
    "share_within_5km": marked("Happy commute (within 5 km)"),
    "commuting_radius_km": marked("Commuting radius"),
    "separation_km": marked("Jobs-housing separation"),
    "maximum_km": marked("Greatest mean distance possible"),
    "excess_share": marked("Excess commuting"),
    "capacity_used": marked("Commuting capacity used"),
    "mean_minutes": marked("Mean time one way"),
    "share_within_45min": marked("Share within 45 minutes"),
    "share_over_60min": marked("Extreme commute (over 60 minutes)"),
    "rail_coverage_800m": marked("Rail coverage (both ends within 800 m)"),
    "homes_near_rail": marked("Homes within 800 m of a station"),
    "rail_within_45min": marked("Of those by rail, within 45 minutes"),
    "last_mile_minutes": marked("Walk at both ends, of those by rail"),
}
"""Short names of the indicators of the commute; their definitions stand with the numbers."""

TOPIC_WORDS: Final = {
    "more": marked("More than the base"),
    "rent": marked("Rent"),
    "access": marked("Metro and campus"),
    "kinds": marked("Kinds of place"),
    "balance": marked("Homes or jobs"),
    "siting": marked("Siting"),
}

PER_WORDS: Final = {
    "": marked("per room if known"),
    "month": marked("per home"),
    "room": marked("per room"),
    "m2": marked("per m²"),
}

CRITERION_WORDS: Final = {
    "inside": marked("In the area"),
    "walk_minutes": marked("Walk to a station"),
    "work_minutes": marked("Way to work places"),
    "rent": marked("Rent"),
    "small_units": marked("Small units on offer"),
    "graduates_near": marked("Graduates within reach"),
    "jobs_near": marked("Jobs within reach"),
}

MISSING_WORDS: Final = {
    "walk_minutes": marked("stations"),
    "work_minutes": marked("work places"),
    "rent": marked("rents"),
    "small_units": marked("listings with a floor area"),
    "graduates_near": marked("graduates at home"),
    "jobs_near": marked("graduates at work"),
}
"""What a study lacks where a criterion cannot be told."""

KIND_OF_PLACE_WORDS: Final = {
    "campus_edge": marked("campus edge"),
    "large_estate": marked("large estate"),
    "end_of_line": marked("end of a line"),
    "near_magnets": marked("near the magnets"),
    "fringe": marked("fringe"),
    "other": marked("other"),
    "centre": marked("centre"),
    "node": marked("node"),
    "small": marked("small"),
    "jobs": marked("leans to jobs"),
    "homes": marked("leans to homes"),
}

RULE_WORDS: Final = {
    "campus_km": marked("Campus edge: campus within, km"),
    "estate_density_ratio": marked("Large estate: density over the middle place"),
    "end_stations": marked("End of line: stops from it"),
    "magnet_minutes": marked("Near the magnets: minutes"),
    "fringe_share": marked("Fringe: share that lives nearer"),
    "centre_share": marked("Centre: share of jobs"),
    "node_share": marked("Node: share of jobs"),
}
"""Thresholds of the kinds of place that the page lets its reader change."""

TAB_WORDS: Final = {"studies": marked("Studies"), "add": marked("Bring your own")}

SORT_WORDS: Final = {
    "points": marked("Points with people"),
    "grid": marked("A regular grid, one row a square"),
    "zones": marked("Zones with people"),
    "raster": marked("A population raster"),
    "stations": marked("Stations"),
    "listings": marked("Rent listings"),
    "flows": marked("Flows from cell to cell"),
}
