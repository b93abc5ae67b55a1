"""A criterion: what one value of a cell is worth, and when the cell is out of the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spatial.question import QuestionError

__all__ = ["MOST_WEIGHT", "Criterion", "check_criteria"]

MOST_WEIGHT: Final = 10.0
"""Largest weight of a criterion."""
# Columns of a ranking: a criterion of that name would overwrite them.
_TAKEN: Final = ("cell", "graduates", "score", "rank", "excluded_by", "unknown", "geometry")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """
    A linear score between two values, a weight, and a limit.

    Parameters
    ----------
    id
        Name of the column of values it judges.
    worst, best
        Values whose score is 0 and 1, the score being linear between them and flat beyond;
        `best` may be the smaller one, as for minutes and rents.
    weight
        0 to 10; 0 is as if the criterion were not there, its limit included.
    limit
        Cells beyond it, towards `worst`, are out of the question; None where there is none.
        The limit itself is still within.
    neutral
        Score where the value is unknown (NaN); None takes such cells out of the question.
    scored
        False where only the limit is asked: such a criterion has no part in the score.
    unit
        Of the values.

    Raises
    ------
    QuestionError
        When any of these is out of its range, every fault being named.
    """

    id: str
    worst: float
    best: float
    weight: float = 1.0
    limit: float | None = None
    neutral: float | None = None
    scored: bool = True
    unit: str = ""

    def __post_init__(self) -> None:
        faults = []
        if not self.id or self.id in _TAKEN or self.id.startswith("score_"):
            faults.append(f"a criterion must have a name of its own, found {self.id!r}")
        if not 0 <= self.weight <= MOST_WEIGHT:
            faults.append(f"weight of {self.id} must be 0 to {MOST_WEIGHT:g}, found {self.weight}")
        if not np.isfinite([self.worst, self.best]).all() or self.worst == self.best:
            faults.append(
                f"worst and best of {self.id} must be two numbers, found {self.worst} and"
                f" {self.best}"
            )
        if self.limit is not None and not np.isfinite(self.limit):
            faults.append(f"limit of {self.id} must be a number, found {self.limit}")
        if self.neutral is not None and not 0 <= self.neutral <= 1:
            faults.append(f"neutral score of {self.id} must be 0 to 1, found {self.neutral}")
        if not self.scored and self.limit is None:
            faults.append(f"{self.id} must have a limit where it has no score, found neither")
        if faults:
            raise QuestionError("; ".join(faults))

    @property
    def falling(self) -> bool:
        """Whether less is better."""
        return self.best < self.worst

    def scores(self, values: ArrayLike) -> NDArray[np.float64]:
        """Score of each value, 0 to 1, shape (n,); unknown ones have `neutral`, or NaN."""
        given = np.asarray(values, dtype=np.float64)
        found = (given - self.worst) / (self.best - self.worst)
        np.clip(found, 0.0, 1.0, out=found)  # NaN stays NaN
        if self.neutral is not None:
            found[np.isnan(found)] = self.neutral
        return found

    def excluded(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Whether each value is beyond the limit, or unknown where that excludes, shape (n,)."""
        given = np.asarray(values, dtype=np.float64)
        out = np.isnan(given) if self.neutral is None else np.zeros(given.shape, dtype=np.bool_)
        if self.limit is not None:
            out |= given > self.limit if self.falling else given < self.limit
        return out

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Criterion:
        """
        The criterion in `given`.

        Raises
        ------
        QuestionError
            When a field is missing, not known, of the wrong form or out of its range.
        """
        known = [one.name for one in fields(cls)]
        unknown = sorted(set(given) - set(known))
        missing = [name for name in ("id", "worst", "best") if name not in given]
        if unknown or missing:
            raise QuestionError(
                f"a criterion has {', '.join(known)}, found {', '.join(map(str, given)) or 'none'}"
            )
        try:
            return cls(**given)
        except TypeError as fault:
            raise QuestionError(f"a criterion must hold numbers, found {dict(given)}") from fault


def check_criteria(values: pd.DataFrame, criteria: Sequence[Criterion]) -> list[Criterion]:
    """
    The criteria in use, those with a weight, in their order.

    Raises
    ------
    QuestionError
        When one is there twice, has no column of values, or none bears a score.
    """
    used = [one for one in criteria if one.weight > 0]
    names = [one.id for one in used]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise QuestionError(f"a criterion must be there once, found {', '.join(twice)} twice")
    if absent := [name for name in names if name not in values.columns]:
        raise QuestionError(
            f"criteria must be among {', '.join(map(str, values.columns))}, found"
            f" {', '.join(absent)}"
        )
    if not any(one.scored for one in used):
        raise QuestionError("a ranking needs a criterion with a weight above 0, found none")
    return used
