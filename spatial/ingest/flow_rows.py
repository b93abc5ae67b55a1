"""Rows of a flow file summed by pair of ends, with an account of every person and row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spatial.ingest.flow_ends import PLACELESS, UNKNOWN, Ends
from spatial.ingest.flow_file import Coded, FlowBatch
from spatial.ingest.flow_sums import PairSums, Summed

__all__ = ["FlowRows", "sum_rows"]

Ints = NDArray[np.int64]

_EMPTY: Final = -3
_SIDES: Final = ("origin", "destination")


@dataclass
class FlowRows:
    """
    What the rows of a flow file add up to.

    Parameters
    ----------
    people_in
        People in all rows with a usable count.
    rows
        Rows read.
    placed
        Rows with people at two known ends.
    dropped
        People left out, by reason.
    faulty
        Rows without a usable count, by what is wrong.
    first_fault
        The first such count, and its row from 1.
    example
        The first origin id that is not empty.
    """

    people_in: float = 0.0
    rows: int = 0
    placed: int = 0
    dropped: dict[str, float] = field(default_factory=dict)
    faulty: Counter[str] = field(default_factory=Counter)
    first_fault: tuple[str, int] = ("", 0)
    example: str = ""

    def notes(self, pairs: int, *, together: str) -> tuple[str, ...]:
        """One sentence for each thing found on the way; `pairs` are the different ones."""
        notes = []
        if left_out := self.faulty.total():
            kinds = ", ".join(f"{rows:,} {kind}" for kind, rows in sorted(self.faulty.items()))
            text, row = self.first_fault
            notes.append(
                f"{left_out:,} of {self.rows:,} rows have no usable count and are left out:"
                f" {kinds}; the first is {text[:40]!r} in row {row:,}"
            )
        if repeated := self.placed - pairs:
            notes.append(f"rows that {together}, added to it: {repeated:,}")
        return tuple(notes)


def sum_rows(batches: Iterator[FlowBatch], ends: Ends) -> tuple[Summed, FlowRows]:
    """People by pair of `ends`, and what the rows add up to; rows that count nobody go unseen."""
    sums, told = PairSums(), FlowRows()
    for batch in batches:
        people = batch.people.numbers()
        usable = np.isfinite(people) & (people >= 0)
        _tell_faults(told, batch.people, people, usable)
        told.example = told.example or next((one for one in batch.origin.texts if one), "")
        told.rows += len(people)
        people = np.where(usable, people, 0.0)
        told.people_in += float(people.sum())
        numbers = [_numbers(side, ends) for side in (batch.origin, batch.destination)]
        left = people > 0
        for side, number in zip(_SIDES, numbers, strict=True):
            for why, words in _reasons(side, ends):
                lost = left & (number == why)
                if gone := float(people[lost].sum()):
                    told.dropped[words] = told.dropped.get(words, 0.0) + gone
                left &= ~lost
        told.placed += int(left.sum())
        sums.add(numbers[0][left], numbers[1][left], people[left])
    return sums.summed(), told


def _numbers(side: Coded, ends: Ends) -> Ints:
    found = ends.number(side.texts) if side.texts else np.empty(0, dtype=np.int64)
    found = np.where([text == "" for text in side.texts], _EMPTY, found) if len(found) else found
    return np.asarray(np.append(found, _EMPTY)[side.rows])


def _reasons(side: str, ends: Ends) -> list[tuple[int, str]]:
    return [
        (_EMPTY, f"whose {side} id is empty"),
        (UNKNOWN, ends.unknown.format(end=side)),
        (PLACELESS, ends.placeless.format(end=side)),
    ]


def _tell_faults(
    told: FlowRows, count: Coded, people: NDArray[np.float64], usable: NDArray[np.bool_]
) -> None:
    wrong = np.flatnonzero(~usable)
    if not len(wrong):
        return
    if not told.faulty:
        code = int(count.rows[wrong[0]])
        told.first_fault = (count.texts[code] if code >= 0 else "", told.rows + int(wrong[0]) + 1)
    negative = int((people[wrong] < 0).sum())
    told.faulty.update({"negative": negative, "not a number": len(wrong) - negative})
    told.faulty += Counter()  # without what is 0
