"""Homes asked: everything an answer on homes depends on, apart from the study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any, Final, Literal, get_args

from spatial.kinds import KindRules
from spatial.question import Question, QuestionError
from spatial.rent import rent_edges_fault
from spatial.rent_listings import PERS, Per
from spatial.schema import Role

__all__ = ["HOMES_TOPICS", "RULES", "TABLES", "HomesKind", "HomesQuestion", "HomesTopic"]

HomesTopic = Literal["quotient", "rent", "access", "kinds", "balance"]
"""Graduates against their base; what homes cost; what is near; why there; homes or jobs."""
HOMES_TOPICS: Final[tuple[HomesTopic, ...]] = get_args(HomesTopic)
"""Every topic."""

HomesKind = Literal[
    "quotient",
    "quotient_areas",
    "quotient_slopes",
    "quotient_bands",
    "pockets",
    "rent",
    "rent_areas",
    "pay",
    "access",
    "farthest",
    "within",
    "near",
    "opened",
    "kinds",
    "balance",
    "magnets",
    "demand",
]
"""Tables of the topics."""

TABLES: Final[dict[HomesTopic, tuple[HomesKind, ...]]] = {
    "quotient": ("quotient", "quotient_areas", "quotient_slopes", "quotient_bands", "pockets"),
    "rent": ("rent", "rent_areas", "pay"),
    "access": ("access", "farthest", "within", "near", "opened"),
    "kinds": ("kinds",),
    "balance": ("balance", "magnets", "demand"),
}
"""Tables of each topic, that of its map first."""

RULES: Final = tuple(one.name for one in fields(KindRules) if isinstance(one.default, int | float))
"""Rules of kinds that are a number, and can be set."""

_USES: Final[dict[HomesTopic, tuple[str, ...]]] = {
    "quotient": ("role", "group", "rent_kind", "rent_per", "rent_edges"),
    "rent": ("rent_kind", "rent_per", "rent_edges", "pay"),
    "access": ("role", "walk_m"),
    "kinds": ("role", "rules"),
    "balance": (),
}
_OPTIONS: Final = {
    **{one: one for one in ("group", "resolution", "k", "alpha", "top")},
    "rent_kind": "rent-kind",
    "rent_per": "rent-per",
    "walk_m": "walk",
}
_ALWAYS: Final = ("topic", "year", "resolution", "k", "alpha", "top")
_MOST_EDGES: Final = 6
_FARTHEST_M: Final = 20_000.0

Pairs = tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class HomesQuestion:
    """
    What is asked on homes: hashable, so a cache key; all words and numbers, so a link.

    Parameters
    ----------
    topic
        "quotient", "rent", "access", "kinds" or "balance".
    year
        Year of observation.
    role
        Whose quotient, access or kinds: residence or work. Rent asks of homes, where they are
        counted, and balance of both.
    group
        Of the quotient: "all", or one of the study's groups.
    resolution
        H3 resolution to roll up to; None is the study's own.
    k, alpha, top
        Of the places: radius of a neighbourhood in steps, false discovery rate (that of the
        quotient's verdicts too), and most places kept.
    rent_kind, rent_per
        Kind of the listings, or "all"; what a rent is for: "month", "m2" or "room", "" for
        rooms where the study knows them, else the month.
    rent_edges
        Of the rent bands, in the study's currency, ascending, at most 6; none takes the
        study's, else quarters of the cells' rents.
    pay
        Of a month by sector, in place of the study's own.
    walk_m
        What is a walk, metres in a straight line.
    rules
        Numbers of `KindRules` by name, in place of the defaults.

    Raises
    ------
    QuestionError
        When any of these is out of its range, or of no use to the topic, every fault being named.
    """

    topic: HomesTopic = "quotient"
    year: int
    role: Role = "work"
    group: str = "all"
    resolution: int | None = None
    k: int = 1
    alpha: float = 0.05
    top: int = 20
    rent_kind: str = "all"
    rent_per: Per | Literal[""] = ""
    rent_edges: tuple[float, ...] = ()
    pay: Pairs = ()
    walk_m: float = 800.0
    rules: Pairs = ()

    def __post_init__(self) -> None:
        if self.topic not in HOMES_TOPICS:
            known = ", ".join(HOMES_TOPICS)
            raise QuestionError(f"topic must be one of {known}, found {self.topic}")
        self.places()  # refuses what places cannot be asked
        faults = [*self._unused(), *self._rent_faults()]
        if not 0 < self.walk_m <= _FARTHEST_M:
            faults.append(f"walk_m must be above 0, at most {_FARTHEST_M:g}, found {self.walk_m}")
        if unknown := sorted({name for name, _ in self.rules} - set(RULES)):
            faults.append(f"rules have {', '.join(RULES)}, found {', '.join(unknown)}")
        if faults:
            raise QuestionError("; ".join(faults))
        self.kind_rules()  # refuses what no rule can be

    def _unused(self) -> list[str]:
        used = {*_ALWAYS, *_USES[self.topic]}
        others = (one for one in fields(self) if one.name not in used)
        return [
            f"{self.topic} has no use for {one.name}, found {getattr(self, one.name)}"
            for one in others
            if getattr(self, one.name) != one.default
        ]

    def _rent_faults(self) -> list[str]:
        faults = []
        if self.rent_per not in ("", *PERS):
            faults.append(f"rent_per must be one of {', '.join(PERS)}, found {self.rent_per}")
        if len(self.rent_edges) > _MOST_EDGES:
            faults.append(f"rent_edges must be {_MOST_EDGES} at most, found {len(self.rent_edges)}")
        if fault := rent_edges_fault(self.rent_edges):
            faults.append(fault)
        faults += [
            f"pay of {name} must be a number above 0, found {amount}"
            for name, amount in self.pay
            if not (isfinite(amount) and amount > 0)
        ]
        return faults

    def uses(self, name: str) -> bool:
        """Whether the topic depends on this field."""
        return name in _ALWAYS or name in _USES[self.topic]

    def places(self, role: Role | None = None) -> Question:
        """The question whose places stand behind the answer: all graduates of a role, Gi*."""
        return Question(
            year=self.year,
            role=role or self.role,
            resolution=self.resolution,
            k=self.k,
            alpha=self.alpha,
            top=self.top,
        )

    def kind_rules(self) -> KindRules:
        """The rules of kinds, with the numbers that were set."""
        plain: Any = KindRules()
        own: dict[str, Any] = {
            name: type(getattr(plain, name))(value) for name, value in self.rules
        }
        return KindRules(**own)

    def to_dict(self) -> dict[str, Any]:
        """Every field that the topic depends on as a JSON value."""
        told = {name: value for name, value in asdict(self).items() if self.uses(name)}
        for name in ("pay", "rules"):
            if name in told:
                told[name] = dict(told[name])
        if "rent_edges" in told:
            told["rent_edges"] = list(told["rent_edges"])
        return told

    def options(self) -> list[object]:
        """Those of `gradmap homes` that ask the same again; what stands at its default is not."""
        words: list[object] = ["--topic", self.topic, "--year", self.year]
        if self.uses("role"):
            words += ["--role", self.role]
        plain = {one.name: one.default for one in fields(self)}
        for name, option in _OPTIONS.items():
            if (value := getattr(self, name)) != plain[name]:
                words += [f"--{option}", _exact(value)]
        if self.rent_edges:
            words += ["--edges", ",".join(map(_exact, self.rent_edges))]
        for option, pairs in (("--pay", self.pay), ("--rule", self.rules)):
            for name, value in pairs:
                words += [option, f"{name}={_exact(value)}"]
        return words

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> HomesQuestion:
        """
        The question in `given`, missing fields at their defaults.

        Raises
        ------
        QuestionError
            When a field is not known, of the wrong form or out of its range, or the year missing.
        """
        known = [one.name for one in fields(cls)]
        if unknown := sorted(set(given) - set(known)):
            raise QuestionError(
                f"a question on homes has {', '.join(known)}, found {', '.join(unknown)}"
            )
        if "year" not in given:
            raise QuestionError("a question needs a year, found none")
        told = dict(given)
        try:
            for name in ("pay", "rules"):
                if name in told:
                    told[name] = _pairs(told[name])
            if "rent_edges" in told:
                told["rent_edges"] = tuple(float(one) for one in told["rent_edges"])
            if "walk_m" in told:
                told["walk_m"] = float(told["walk_m"])
            return cls(**told)
        except (TypeError, ValueError) as fault:
            if isinstance(fault, QuestionError):
                raise
            raise QuestionError(
                f"a question on homes must hold words and numbers: {fault}"
            ) from fault


def _pairs(given: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Pairs:
    """Numbers by name, in the order of the names."""
    found = given.items() if isinstance(given, Mapping) else given
    return tuple(sorted((str(name), float(value)) for name, value in found))


def _exact(value: object) -> str:
    """The shortest text that reads as the same value."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
