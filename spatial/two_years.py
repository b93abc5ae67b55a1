"""What is asked of two years: everything the answers depend on, apart from the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from spatial.change import YARDSTICKS, Yardstick
from spatial.question import Question, QuestionError
from spatial.schema import Role

__all__ = ["Comparison"]

_ANY_YEAR: Final = 2000
_YEARS: Final = (1900, 2200)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """
    What is asked of two years: hashable, so a cache key; all words and numbers, so a link.

    Parameters
    ----------
    first, second
        Years of observation, the earlier one first.
    role, group, resolution, k, alpha, top
        As in a Question, for both years alike.
    against
        What a cell or place is expected to hold in the second year: what it held ("before"),
        its share of all graduates ("total"), or what its base predicts ("base"). Places know no
        base, so that their lineage takes "base" for "total".

    Raises
    ------
    QuestionError
        When any of these is out of its range, every fault being named.
    """

    first: int
    second: int
    role: Role = "residence"
    group: str = "all"
    resolution: int | None = None
    k: int = 1
    alpha: float = 0.05
    top: int = 20
    against: Yardstick = "before"

    def __post_init__(self) -> None:
        faults = []
        low, high = _YEARS
        for name in ("first", "second"):
            year = getattr(self, name)
            if not isinstance(year, int) or isinstance(year, bool) or not low <= year <= high:
                faults.append(f"{name} must be whole, {low} to {high}, found {year}")
        if not faults and self.first >= self.second:
            faults.append(
                f"the earlier of two different years must come first, found {self.first} and"
                f" {self.second}"
            )
        if self.against not in YARDSTICKS:
            faults.append(f"against must be one of {', '.join(YARDSTICKS)}, found {self.against}")
        try:
            self.question(_ANY_YEAR)
        except QuestionError as fault:
            faults.append(str(fault))
        if faults:
            raise QuestionError("; ".join(faults))

    def question(self, year: int) -> Question:
        """The same asked of one year."""
        return Question(
            year=year,
            role=self.role,
            group=self.group,
            resolution=self.resolution,
            k=self.k,
            alpha=self.alpha,
            top=self.top,
        )

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Comparison:
        """
        The comparison in `given`, missing fields at their defaults.

        Raises
        ------
        QuestionError
            When a field is not known, is out of its range, or a year is missing.
        """
        known = [one.name for one in fields(cls)]
        if unknown := sorted(set(given) - set(known)):
            raise QuestionError(
                f"a comparison has {', '.join(known)}, found {', '.join(map(str, unknown))}"
            )
        if missing := [name for name in ("first", "second") if name not in given]:
            raise QuestionError(f"a comparison needs two years, {' and '.join(missing)} missing")
        return cls(**given)
