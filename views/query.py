"""What was asked: one frozen question, which is a cache key and a link at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

from papers.words import Lang
from spatial.change import YARDSTICKS, Yardstick
from spatial.question import Chance, Question, Statistic
from spatial.rent_listings import PERS, Per
from spatial.schema import MEASURES, ROLES, Measure, Role

__all__ = ["ALPHAS", "LAYER_OF", "MODES", "OVERLAYS", "PAGES", "TABS", "TOPICS", "Query"]

OVERLAYS: Final = (
    *("places", "hot", "rail", "walk", "rents", "districts", "campuses", "ground", "drift"),
    "flows",
)
ALPHAS: Final = (0.01, 0.05, 0.1)
PAGES: Final = ("explore", "compare", "commute", "homes", "data")
TABS: Final = ("studies", "add")
TOPICS: Final = ("more", "rent", "access", "kinds", "balance", "siting")
MODES: Final = ("side", "swipe", "difference", "roles")
LAYER_OF: Final = {
    "rail": "stations",
    "walk": "stations",
    "rents": "rents",
    "districts": "districts",
    "campuses": "campuses",
    "ground": "ground",
}
"""The layer of a study that an overlay draws."""

_DEFAULT_OVERLAYS = ("places", "rail", "districts", "ground", "drift", "flows")


@dataclass(frozen=True)
class Query:
    """
    One question to the map: hashable, so a cache key; all words and numbers, so a link.

    `year` 0 is the latest and `resolution` 0 the one the page proposes; `fill` names the figure
    that fills the districts. `first`, `mode`, `against`, `anyway` and `lineage` are of the page
    that compares `first` with `year`; `area`, `beside` (a year shown beside, 0 for none), `bands`
    (edges of distance bands in km) and `lines` (how many are drawn) of the commute page; `topic`,
    `kind` and `per` (of rents), `edges` (of rent bands), `walk` (metres), `weights` and `kept`
    (of the siting screen, written "rent:3:3000;walk_minutes:2") and `rules` (of the kinds of
    place, written "campus_km:1") of the page on homes; `tab` of the data page.
    """

    page: str = "explore"
    study: str = ""
    role: Role = "work"
    year: int = 0
    group: str = "all"
    measure: Measure = "count"
    statistic: Statistic = "gi"
    chance: Chance = "analytic"
    resolution: int = 0
    k: int = 1
    alpha: float = 0.05
    top: int = 20
    overlays: tuple[str, ...] = _DEFAULT_OVERLAYS
    fill: str = "none"
    place: str = ""
    first: int = 0
    mode: str = "side"
    against: Yardstick = "before"
    anyway: str = "no"
    lineage: str = ""
    area: str = ""
    beside: int = 0
    bands: str = "5,10,25"
    lines: int = 150
    topic: str = "more"
    kind: str = "all"
    per: Per | Literal[""] = ""
    edges: str = ""
    walk: int = 800
    weights: str = ""
    kept: str = ""
    rules: str = ""
    tab: str = "studies"
    lang: Lang = "en"

    def to_params(self) -> dict[str, str]:
        """The question as the words of a link; what is left at its default is left out."""
        plain = Query()
        found = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value != getattr(plain, one.name) or one.name == "lang":
                found[one.name] = ".".join(value) if isinstance(value, tuple) else str(value)
        return found

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Query:
        """The question in a link; a word that is not known is passed over."""
        found: dict[str, Any] = {}
        for one in fields(cls):
            if one.name in params:
                value = _read(one.name, params[one.name])
                if value is not None:
                    found[one.name] = value
        return cls(**found)

    def asked(self) -> Query:
        """The part that changes numbers: language, layers and the chosen place left out."""
        plain = Query()
        shown = (
            *("page", "overlays", "fill", "place", "lang"),
            *("first", "mode", "against", "anyway", "lineage"),
            *("area", "beside", "bands", "lines"),
            *("topic", "kind", "per", "edges", "walk", "weights", "kept", "rules", "tab"),
        )
        return replace(self, **{name: getattr(plain, name) for name in shown})

    def question(self) -> Question:
        """The same as the analysis takes it."""
        return Question(
            role=self.role,
            year=self.year,
            group=self.group,
            measure=self.measure,
            statistic=self.statistic,
            chance=self.chance,
            resolution=self.resolution or None,
            k=self.k,
            alpha=self.alpha,
            top=self.top,
        )


_CHOICES: dict[str, tuple[object, ...]] = {
    "role": ROLES,
    "measure": MEASURES,
    "statistic": ("gi", "moran"),
    "chance": ("analytic", "permutation"),
    "lang": ("zh", "en"),
    "page": PAGES,
    "mode": MODES,
    "against": YARDSTICKS,
    "anyway": ("no", "yes"),
    "topic": TOPICS,
    "tab": TABS,
    "per": ("", *PERS),
}
_RANGES = {
    "year": (1900, 2200),
    "first": (1900, 2200),
    "beside": (1900, 2200),
    "lines": (10, 1000),
    "walk": (200, 3000),
    "resolution": (0, 15),
    "k": (1, 10),
    "top": (1, 100),
}


def _read(name: str, text: str) -> object | None:
    """The value of one word of a link, None where it is none."""
    if name in _CHOICES:
        return text if text in _CHOICES[name] else None
    if name in _RANGES:
        low, high = _RANGES[name]
        return int(text) if text.isascii() and text.isdigit() and low <= int(text) <= high else None
    if name == "alpha":
        return next((one for one in ALPHAS if str(one) == text), None)
    if name == "overlays":
        wanted = text.split(".")
        return tuple(one for one in OVERLAYS if one in wanted)
    return text if len(text) <= 600 else None
