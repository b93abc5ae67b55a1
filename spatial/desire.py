"""Desire lines: the heaviest flows between parts of the city, few enough to be read on a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.ends import Labels, coarse_cells, middles, named, people_at
from spatial.geodesy import sphere_distance_km
from spatial.pairs import Pairs
from spatial.places import Layers

__all__ = ["LINE_COLUMNS", "Direction", "FlowLines", "flow_lines", "line_resolution"]

Direction = Literal["in", "out", "both"]
"""Into an area, out of it, or both."""

LINE_COLUMNS: Final = (
    "from_lat",
    "from_lon",
    "to_lat",
    "to_lon",
    "graduates",
    "share",
    "label_from",
    "label_from_en",
    "label_to",
    "label_to_en",
    "direction",
)
"""Columns of a table of flow lines."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
_Name = tuple[str, str]

# Parts this much of the spread across: 2.5 km in a city of the size of Beijing, where 300 lines
# still hold a third of the people and the eye can tell one from the next.
_PARTS: Final = 7.0
_DENSE: Final = 4_000_000  # sums kept in one array up to here; sorted beyond


@dataclass(frozen=True, eq=False)
class FlowLines:
    """
    The heaviest lines, and how much of all flow they show.

    Parameters
    ----------
    table
        One row a line, the heaviest first: from_lat, from_lon, to_lat, to_lon (degrees),
        graduates, share (of `total`), label_from, label_to and both in English, direction
        ("in", "out"; "through" where no area is chosen).
    total
        Graduates asked about: all of the study; or those who come into the area, or go out of
        it, or both.
    within
        Of these, graduates who stay within one part and so have no line.
    lines
        Lines there would be if all were drawn.
    resolution
        Of the cells that ends without a label were gathered in.
    """

    table: pd.DataFrame
    total: float
    within: float
    lines: int
    resolution: int

    @property
    def shown(self) -> float:
        """Graduates whom the lines hold."""
        return float(self.table["graduates"].sum())

    @property
    def share(self) -> float:
        """Share of `total` that the lines hold; NaN where there is nobody."""
        return self.shown / self.total if self.total else np.nan


def flow_lines(
    pairs: Pairs,
    *,
    inside: Mask | None = None,
    inside_name: tuple[str, str] = ("", ""),
    homes: Labels | None = None,
    work: Labels | None = None,
    resolution: int | None = None,
    most: int = 300,
    direction: Direction = "both",
    layers: Layers | None = None,
) -> FlowLines:
    """
    The `most` heaviest lines from home to work between parts of the study.

    A part is what `homes` and `work` call an end, else the coarse cell that holds it. Each line
    runs from the mean place of the people who live in its first part to the mean place of those
    who work in its second, of all who are asked about: lines that share a part meet there, a
    line and its way back lie apart, and asking for more lines moves none.

    Parameters
    ----------
    pairs
        Flows of one year.
    inside
        Which ends lie in the chosen area, shape (m,): the area is then one part, lines lead into
        it or out of it, and those who stay inside are not asked about. None for the whole study.
    inside_name
        Name of the area, and its English name.
    homes, work
        Labels of the ends people live and work at; ends elsewhere, or all of them without
        labels, go by coarse cells.
    resolution
        Of the coarse cells; None chooses it from the spread of the people.
    most
        Lines to keep: those that hold the most people.
    direction
        "in", "out" or "both"; of no consequence without an area.
    layers
        For names of coarse cells.

    Raises
    ------
    ValueError
        When `resolution` is finer than the study's cells, or `most` is below 1.
    """
    if most < 1:
        raise ValueError(f"a map needs 1 line or more, found {most}")
    chosen = line_resolution(pairs) if resolution is None else resolution
    origins = coarse_cells(pairs, resolution=chosen, labels=homes)
    targets = coarse_cells(pairs, resolution=chosen, labels=work)
    if inside is None:
        parts = [(_Ask("through", pairs), origins, targets)]
    else:
        hub = Labels(np.where(inside, 0, -1), _hub(inside_name))
        home, job = inside[pairs.origin], inside[pairs.destination]
        ways = {
            "in": (_Ask("in", pairs.where(job & ~home)), origins, hub),
            "out": (_Ask("out", pairs.where(home & ~job)), hub, targets),
        }
        parts = [one for way, one in ways.items() if direction in (way, "both")]
    asked = [_gathered(*one, layers=layers, most=most) for one in parts]
    table = pd.concat([one.table for one in asked], ignore_index=True)
    total = sum(one.total for one in asked)
    order = np.argsort(-table["graduates"].to_numpy(), kind="stable")[:most]
    table = table.iloc[order].reset_index(drop=True)
    table["share"] = table["graduates"] / total if total else table["graduates"]
    return FlowLines(
        table[list(LINE_COLUMNS)],
        total,
        sum(one.within for one in asked),
        sum(one.lines for one in asked),
        chosen,
    )


def line_resolution(pairs: Pairs) -> int:
    """
    The resolution whose cells are about a seventh of the people's spread across.

    The spread is the root mean square distance of homes and jobs from their mean place. At most
    the cells' own resolution.
    """
    own = h3cells.resolution_of(pairs.cell) if len(pairs.cell) else 0
    people = people_at(pairs, "home") + people_at(pairs, "work")
    if not people.any():
        return own
    one = Labels(np.zeros(len(people), dtype=np.int64), _hub(("", "")))
    lat, lon = middles(pairs, one, people)
    away = sphere_distance_km(pairs.lat, pairs.lon, lat, lon)
    wanted = float(np.sqrt(people @ away**2 / people.sum())) / _PARTS
    cell = pairs.cell[[int(np.argmax(people))]]
    spacing = [h3cells.spacing_km(h3cells.parents(cell, resolution=r)) for r in range(own + 1)]
    gaps = np.abs(np.log(spacing) - np.log(max(wanted, 1e-9)))
    return int(np.argmin(gaps))


@dataclass(frozen=True, eq=False)
class _Ask:
    direction: str
    pairs: Pairs


@dataclass(frozen=True, eq=False)
class _Gathered:
    table: pd.DataFrame
    total: float
    within: float
    lines: int


def _gathered(
    ask: _Ask, origins: Labels, targets: Labels, *, layers: Layers | None, most: int
) -> _Gathered:
    pairs, wide = ask.pairs, max(len(targets), 1)
    key, graduates = _sums(
        origins.code[pairs.origin] * wide + targets.code[pairs.destination],
        pairs.graduates,
        size=max(len(origins), 1) * wide,
    )
    total = float(graduates.sum())
    start, end = key // wide, key % wide
    apart = _ids(origins)[start] != _ids(targets)[end]
    within = float(graduates[~apart].sum())
    # Ties are broken by where lines lead, so that the same question has the same answer.
    kept = np.flatnonzero(apart)
    kept = kept[np.argsort(-graduates[kept], kind="stable")]
    lines, kept = len(kept), kept[:most]
    sides = {
        "from": _part(pairs, origins, start[kept], people_at(pairs, "home"), layers=layers),
        "to": _part(pairs, targets, end[kept], people_at(pairs, "work"), layers=layers),
    }
    table = pd.DataFrame(
        {
            f"{head}{side}{tail}": part[column].to_numpy()
            for side, part in sides.items()
            for head, tail, column in (
                ("", "_lat", "lat"),
                ("", "_lon", "lon"),
                ("label_", "", "name"),
                ("label_", "_en", "name_en"),
            )
        }
    ).assign(graduates=graduates[kept], direction=pd.array([ask.direction] * len(kept), "str"))
    return _Gathered(table, total, within, lines)


def _part(
    pairs: Pairs, labels: Labels, codes: Ints, people: Floats, *, layers: Layers | None
) -> pd.DataFrame:
    """Name and mean place of each of `codes`: names cost the most, so only of those drawn."""
    lat, lon = middles(pairs, labels, people)
    used, at = np.unique(codes, return_inverse=True)
    table = labels.table.iloc[used].reset_index(drop=True)
    # Who holds more people has the first choice of a name.
    weight = np.bincount(labels.code[labels.code >= 0], people[labels.code >= 0])[used]
    order = np.argsort(-weight, kind="stable")
    table = named(table.iloc[order], lat[used][order], lon[used][order], layers=layers)
    return table.sort_index().assign(lat=lat[used], lon=lon[used]).iloc[at]


def _ids(labels: Labels) -> NDArray[np.object_]:
    return labels.table["id"].to_numpy(dtype=object)


def _sums(key: Ints, amounts: Floats, *, size: int) -> tuple[Ints, Floats]:
    """Each key that has any amount, ascending, and its sum."""
    if size <= max(_DENSE, 4 * len(key)):
        sums = np.bincount(key, amounts, minlength=size).astype(np.float64)
        found = np.flatnonzero(sums > 0)
        return found.astype(np.int64), sums[found]
    found, at = np.unique(key, return_inverse=True)
    sums = np.bincount(at, amounts, minlength=len(found)).astype(np.float64)
    return found[sums > 0].astype(np.int64), sums[sums > 0]


def _hub(name: _Name) -> pd.DataFrame:
    return pd.DataFrame([("area", *name, "area")], columns=["id", "name", "name_en", "kind"])
