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


PAGE_WORDS: Final = {"explore": marked("Explore"), "compare": marked("Compare")}

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
}

STATISTIC_SCORES: Final = {"gi": "Gi* z", "moran": "I z"}

KIND_WORDS: Final = {"room": marked("Room in a shared flat"), "flat": marked("Whole flat")}

CLASS_WORDS: Final = {
    "work_centre": marked("work centre"),
    "residential_pocket": marked("residential pocket"),
    "mixed_live_work": marked("mixed live-work"),
    "campus_edge": marked("campus edge"),
}
