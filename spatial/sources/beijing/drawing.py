"""The drawn tables that say how many live, work and settle around which point."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

__all__ = ["Magnet", "Pocket", "magnets", "pockets", "settlements"]


@dataclass(frozen=True)
class Magnet:
    """A centre of graduates' work: its share in per cent by year, and how stayers weigh it."""

    id: str
    lat: float
    lon: float
    width_km: float
    share: dict[int, float]
    stayers: float


Pocket = Magnet
"""A pocket of graduates' homes, told in the same words."""


def magnets() -> list[Magnet]:
    """Centres of graduates' work, at the gazetteer's places of the same id."""
    where = {row["id"]: row for row in _rows("places.csv")}
    found = []
    for row in _rows("magnets.csv"):
        first, last = float(row["y2022"]), float(row["y2025"])
        share = {2022 + step: first + (last - first) * step / 3 for step in range(4)}
        found.append(_magnet(row, where[row["id"]], share))
    return found


def pockets() -> list[Pocket]:
    """Pockets of graduates' homes."""
    years = (2022, 2023, 2024, 2025)
    return [
        _magnet(row, row, {year: float(row[f"y{year}"]) for year in years})
        for row in _rows("pockets.csv")
    ]


def settlements() -> dict[str, tuple[float, float]]:
    """Place id -> residents and jobs around it, persons, where they are told apart."""
    return {
        row["id"]: (1e4 * float(row["residents_10k"]), 1e4 * float(row["jobs_10k"]))
        for row in _rows("settlements.csv")
    }


def _magnet(row: dict[str, str], spot: dict[str, str], share: dict[int, float]) -> Magnet:
    return Magnet(
        id=row["id"],
        lat=float(spot["lat"]),
        lon=float(spot["lon"]),
        width_km=float(row["width_km"]),
        share=share,
        stayers=float(row["stayers"]),
    )


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (resources.files(__package__) / "drawn" / file).open(encoding="utf-8") as text:
        yield from csv.DictReader(text)
