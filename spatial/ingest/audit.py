"""Audit: where every person of a file went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Audit"]

_TOLERANCE = 1e-9  # of the people that came in


@dataclass(frozen=True)
class Audit:
    """
    People in, people on the map, people dropped and why: in = on + dropped.

    Parameters
    ----------
    people_in
        People in the file's column.
    on_map
        People in the cells.
    dropped
        People left out, by reason in plain words; only reasons that left someone out.
    notes
        What was assumed or found on the way, one plain sentence each.
    """

    people_in: float
    on_map: float
    dropped: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def total_dropped(self) -> float:
        """People left out for whatever reason."""
        return float(sum(self.dropped.values()))

    def checked(self) -> Audit:
        """
        The audit itself, once it balances.

        Raises
        ------
        ValueError
            When people in and people on the map plus dropped differ by more than rounding.
        """
        gap = self.people_in - self.on_map - self.total_dropped
        if not abs(gap) <= _TOLERANCE * max(abs(self.people_in), abs(self.on_map)):
            raise ValueError(
                f"people in must equal people on the map plus people dropped, found"
                f" {self.people_in:.10g} in, {self.on_map:.10g} on the map and"
                f" {self.total_dropped:.10g} dropped"
            )
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and words, as `study.json` stores them."""
        return {
            "people_in": self.people_in,
            "on_map": self.on_map,
            "dropped": dict(self.dropped),
            "notes": list(self.notes),
        }
