"""The constants by which minutes are modelled, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from spatial.question import QuestionError

__all__ = ["RailRules"]

_MAY_BE_NOTHING: Final = (
    "wait_minutes",
    "stop_minutes",
    "transfer_minutes",
    "direct_minutes",
    "interchange_m",
)


@dataclass(frozen=True, kw_only=True)
class RailRules:
    """
    How long a way takes, from door to door: a model's constants, not measured times.

    Parameters
    ----------
    walk_m_per_minute
        80 m/min is 4.8 km/h, the pace by which a ten-minute walk is 800 m.
    detour
        The way on the street over the straight line: about 1.27 (4 / pi) on a square grid of
        streets, somewhat less where blocks are open or streets run diagonally.
    wait_minutes
        From the entrance of the first station to the departure: a short way down, a check, and
        half of a peak headway of three to four minutes.
    train_kmh, stop_minutes
        Running speed between stops, and what each stop costs in braking, standing and starting.
        Together they give 35 km/h over a network with 1.7 km between stations, 30 km/h where
        stations are 1.2 km apart and over 50 km/h on a line to an airport.
    line_kmh
        Running speed of single lines, where it is another one.
    transfer_minutes
        A change of line: the way between the platforms, and the wait for the next train.
    reach_m
        Longest straight line to a station; 2 400 m are 36 minutes on foot with the detour.
    interchange_m
        Stations so close are joined on foot: halves of one name, changes outside the gates.
    direct_kmh, direct_minutes
        Without rail: speed along the straight line, and what passes before and after. 18 km/h is
        peak traffic of 22 km/h on streets a fifth longer than the straight line; 5 minutes go
        to the vehicle and from it. Walking all the way counts where that is faster.
    near_m
        What is near rail: ten minutes' walk in a straight line.

    Raises
    ------
    QuestionError
        When a speed or a length is not above 0, a time is negative or a detour shortens the way.
    """

    walk_m_per_minute: float = 80.0
    detour: float = 1.2
    wait_minutes: float = 3.0
    train_kmh: float = 60.0
    stop_minutes: float = 1.2
    transfer_minutes: float = 4.0
    reach_m: float = 2400.0
    interchange_m: float = 250.0
    direct_kmh: float = 18.0
    direct_minutes: float = 5.0
    near_m: float = 800.0
    line_kmh: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        faults = [fault for one in fields(self) if (fault := self._fault(one.name))]
        for line, speed in self.line_kmh.items():
            if not (np.isfinite(speed) and speed > 0):
                faults.append(f"line_kmh of {line} must be above 0, found {speed}")
        if faults:
            raise QuestionError("; ".join(faults))

    def _fault(self, name: str) -> str:
        """What is wrong with one number, "" where nothing is."""
        if name == "line_kmh":
            return ""
        value = getattr(self, name)
        if name == "detour":
            sound, rule = value >= 1, "1 or more"
        elif name in _MAY_BE_NOTHING:
            sound, rule = value >= 0, "0 or more"
        else:
            sound, rule = value > 0, "above 0"
        return "" if sound and np.isfinite(value) else f"{name} must be {rule}, found {value}"
