"""Question: everything an answer depends on, apart from the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args

from spatial.schema import MEASURES, ROLES, Measure, Role

__all__ = ["CHANCES", "STATISTICS", "Chance", "Question", "QuestionError", "Statistic"]

Statistic = Literal["gi", "moran"]
STATISTICS: Final[tuple[Statistic, ...]] = get_args(Statistic)

Chance = Literal["analytic", "permutation"]
CHANCES: Final[tuple[Chance, ...]] = get_args(Chance)

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "role": ROLES,
    "measure": MEASURES,
    "statistic": STATISTICS,
    "chance": CHANCES,
}
_WHOLE: Final[dict[str, tuple[int, int]]] = {
    "year": (1900, 2200),
    "resolution": (0, 15),
    "k": (1, 10),
    "top": (1, 1_000),
    "permutations": (99, 999_999),
    "seed": (0, 2**63 - 1),
}


class QuestionError(ValueError):
    """A question that has no answer; the message gives the rule and what was found."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """
    What is asked of a study: hashable, so a cache key; all words and numbers, so a link.

    Parameters
    ----------
    year
        Year of observation.
    role
        Where graduates are counted: residence or work.
    group
        "all", or one of the study's groups.
    measure
        What is mapped: count, density, share or surplus.
    statistic
        "gi" (Gi*) or "moran" (local Moran).
    chance
        Where p comes from: the normal distribution or permutations.
    resolution
        H3 resolution to roll up to; None is the study's own.
    k
        Radius of a neighbourhood in steps.
    alpha
        False discovery rate at which a cell is called hot or cold.
    top
        Places kept, the most prominent ones.
    permutations, seed
        Draws, and the seed of their generator; of no consequence to analytic chance. The
        smallest p is 2 / (draws + 1), so that among 80 000 cells 9 999 draws find nothing at a
        false discovery rate of 0.05 unless some 300 cells reach it.

    Raises
    ------
    QuestionError
        When any of these is out of its range, every fault being named.
    """

    year: int
    role: Role = "work"
    group: str = "all"
    measure: Measure = "count"
    statistic: Statistic = "gi"
    chance: Chance = "analytic"
    resolution: int | None = None
    k: int = 1
    alpha: float = 0.05
    top: int = 20
    permutations: int = 99_999
    seed: int = 1

    def __post_init__(self) -> None:
        faults = [
            f"{name} must be one of {', '.join(known)}, found {getattr(self, name)}"
            for name, known in _WORDS.items()
            if getattr(self, name) not in known
        ]
        for name, (low, high) in _WHOLE.items():
            value = getattr(self, name)
            if name == "resolution" and value is None:
                continue
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                faults.append(f"{name} must be whole, {low} to {high}, found {value}")
        if not isinstance(self.group, str) or not self.group:
            faults.append(f"group must be a name, found {self.group!r}")
        if not isinstance(self.alpha, int | float) or not 0 < self.alpha < 1:
            faults.append(f"alpha must lie between 0 and 1, found {self.alpha}")
        if faults:
            raise QuestionError("; ".join(faults))

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Question:
        """
        The question in `given`, missing fields at their defaults.

        Raises
        ------
        QuestionError
            When a field is not known, is out of its range, or the year is missing.
        """
        known = [one.name for one in fields(cls)]
        if unknown := sorted(set(given) - set(known)):
            raise QuestionError(
                f"a question has {', '.join(known)}, found {', '.join(map(str, unknown))}"
            )
        if "year" not in given:
            raise QuestionError("a question needs a year, found none")
        return cls(**given)
