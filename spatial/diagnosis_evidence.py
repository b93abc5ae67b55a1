"""
What speaks for each reading of unlabelled positions, row by row, in numbers.

A shift of half a kilometre hardly moves the median distance of homes to stations, so each kind of
evidence asks something that it does change: whether rows lie in the district they state; how far
rows that are themselves stations, or corners of outlines, are from the ones known; whether the
rows crowd where the known points are; and in which system they form a lattice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from spatial import geodesy
from spatial.chords import vectors
from spatial.diagnosis_candidates import Candidate, converted
from spatial.diagnosis_known import Known

__all__ = ["MOSTLY", "Piece", "Reading", "Rows", "lattice_misfit", "lattice_steps", "read"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_DEGREE_KM: Final = 111.195
_SOFT_M: Final = 50.0  # nearer than this is as near: known points have their own faults
_RING_KM: Final = 0.55  # as far as GCJ-02 lies from WGS-84
_FAR_M: Final = 3000.0
_COMPASS: Final = np.arange(8) * np.pi / 4
_MOST_NEAR: Final = 4000
_MOST_LATTICE: Final = 200_000
_BLOCK_KM: Final = 3.0  # what lies closer is not taken for independent
_LABEL_KM: Final = 1.0
_BIN_KM: Final = 0.55
_LEAST_LATTICE: Final = 30
_LARGEST_DEGREE: Final = 360.0
MOSTLY: Final = 0.5  # of rows that must lie in the extent for a candidate to be weighed
_MOST_BINS: Final = 4_000_000
_BACKGROUND: Final = 3.0  # bins


@dataclass(frozen=True, eq=False)
class Rows:
    """
    Positions as given, shape (n,), and what else is said of each row.

    Parameters
    ----------
    y, x
        The two columns.
    stated
        Row of the known district each is said to lie in; -1 where none is said.
    named
        Row of the thing in `Known.called` each bears the name of; -1 where none does.
    weights
        People or whatever each row stands for.
    corners
        How many of the first rows are corners of outlines: their crowding tells nothing, and
        rows after them speak by their district alone. 0 where rows are places.
    """

    y: Floats
    x: Floats
    stated: NDArray[np.intp]
    named: NDArray[np.intp]
    weights: Floats
    corners: int = 0


@dataclass(frozen=True, eq=False)
class Piece:
    """
    One kind of evidence for one candidate.

    Parameters
    ----------
    figure
        A share or a median, for people to read.
    scores
        For each unit that can be compared a value, higher where the candidate fits better, NaN
        where it has none: units are rows, or known points, the same for every candidate.
    blocks
        Of each unit, a whole number: units of one block are not taken for independent.
    peaks
        Of distances, how much better each unit fits than 0.55 km off in any direction; else empty.
    """

    figure: float
    scores: Floats
    blocks: Whole
    peaks: Floats


@dataclass(frozen=True, eq=False)
class Reading:
    """
    One candidate and what speaks for it.

    Parameters
    ----------
    candidate, lat, lon
        A system, and where it puts each row, shape (n,); NaN where nowhere.
    on_earth, in_extent
        Shares of rows; NaN where nothing is known of the extent.
    lattice
        As `lattice_misfit`.
    pieces
        By kind: in_district, station_m, outline_m, namesake_m and density.
    """

    candidate: Candidate
    lat: Floats
    lon: Floats
    on_earth: float
    in_extent: float
    lattice: float
    pieces: Mapping[str, Piece]


def read(rows: Rows, candidate: Candidate, known: Known) -> Reading:
    """What speaks for one candidate; it is not asked for where most rows lie elsewhere."""
    lat, lon = converted(rows.y, rows.x, candidate)
    near = np.isfinite(lat)
    on_earth, in_extent = float(near.mean()), np.nan
    if known.extent is not None:
        south, north, west, east = known.extent
        near &= (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
        in_extent = float(near.mean())
    pieces, misfit = {}, np.nan
    if near.mean() > MOSTLY:
        found = {"in_district": _labels(rows, lat, lon, known)}
        found |= _distances(rows, lat, lon, known)
        if not rows.corners:
            found["density"] = _density(rows, candidate, known)
            misfit = lattice_misfit(lat[near], lon[near])
        pieces = {kind: piece for kind, piece in found.items() if piece is not None}
    return Reading(candidate, lat, lon, on_earth, in_extent, misfit, pieces)


def lattice_misfit(lat: Floats, lon: Floats) -> float:
    """
    Root mean square distance of places from the lattice they form, in steps; NaN for none.

    The steps are the commonest gaps between neighbours north and east; the misfit is the circular
    deviation of the phase, the worse of the two. Under a wrong system a grid is bent.
    """
    if len(lat) > _MOST_LATTICE:
        away = np.abs(lat - np.median(lat)) + np.abs(lon - np.median(lon))
        kept = np.argpartition(away, _MOST_LATTICE)[:_MOST_LATTICE]
        lat, lon = lat[kept], lon[kept]
    at = np.unique(np.column_stack([lat, lon]), axis=0)
    steps = lattice_steps(at)
    if steps is None:
        return np.nan
    phases = np.abs(np.exp(2j * np.pi * at / steps).mean(axis=0))
    return float(np.sqrt(-2 * np.log(np.clip(phases.min(), 1e-300, 1))) / (2 * np.pi))


def lattice_steps(at: Floats) -> Floats | None:
    """Steps of the lattice that places, shape (n, 2), form along each axis; None for none."""
    if len(at) < _LEAST_LATTICE:
        return None
    _, near = cKDTree(at).query(at, k=5)
    gaps = np.abs(at[near[:, 1:]] - at[:, None]).reshape(-1, 2)
    steps = np.zeros(2)
    for axis in (0, 1):
        along = gaps[gaps[:, axis] > 3 * gaps[:, 1 - axis], axis]
        if len(along) < len(at):
            return None
        steps[axis] = np.median(along)
        if np.mean(np.abs(along - steps[axis]) < 0.1 * steps[axis]) < 0.5:
            return None
    return steps if steps.min() > 0 else None


def _labels(rows: Rows, lat: Floats, lon: Floats, known: Known) -> Piece | None:
    said = np.flatnonzero(rows.stated >= 0)
    if not len(said):
        return None
    inside = known.in_district(lat[said], lon[said], rows.stated[said])
    blocks = _blocks(rows.y[said], rows.x[said], _LABEL_KM)
    return Piece(float(inside.mean()), inside.astype(np.float64), blocks, np.empty(0))


def _distances(rows: Rows, lat: Floats, lon: Floats, known: Known) -> dict[str, Piece | None]:
    """Nearness to known points, to outlines, and to the known point of the same name."""
    count = rows.corners or len(lat)
    some = np.arange(0, count, max(count // _MOST_NEAR, 1))
    blocks = _blocks(rows.y[some], rows.x[some], _BLOCK_KM)
    points = None if rows.corners else known.points
    return {
        "station_m": _nearness(lat[some], lon[some], blocks, points),
        "outline_m": _nearness(lat[some], lon[some], blocks, known.outlines),
        "namesake_m": _namesakes(rows, lat, lon, known),
    }


def _nearness(lat: Floats, lon: Floats, blocks: Whole, tree: cKDTree | None) -> Piece | None:
    if tree is None:
        return None
    metres = _nearest(tree, lat, lon)
    scores, peaks = _closeness(metres), np.zeros(len(lat))
    # So far away the ways off are as near as the row itself, and the search is slow.
    close = np.flatnonzero(metres < _FAR_M)
    high = _RING_KM / _DEGREE_KM
    wide = high / np.cos(np.radians(lat[close]))
    off = [
        _nearest(tree, lat[close] + high * np.cos(way), lon[close] + wide * np.sin(way))
        for way in _COMPASS
    ]
    peaks[close] = scores[close] - np.mean([_closeness(one) for one in off], axis=0)
    return Piece(float(np.nanmedian(metres)), scores, blocks, peaks)


def _namesakes(rows: Rows, lat: Floats, lon: Floats, known: Known) -> Piece | None:
    own = np.flatnonzero(rows.named >= 0)
    if not len(own) or known.called is None:
        return None
    there = known.called[["lat", "lon"]].to_numpy(np.float64)[rows.named[own]]
    chords = vectors(lat[own], lon[own]) - vectors(*there.T)
    metres = np.sqrt((chords**2).sum(axis=1))
    blocks = _blocks(rows.y[own], rows.x[own], _LABEL_KM)
    return Piece(float(np.nanmedian(metres)), _closeness(metres), blocks, np.empty(0))


def _density(rows: Rows, candidate: Candidate, known: Known) -> Piece | None:
    """
    How much the rows crowd about known points: their density there, less that around.

    Rows are counted in bins as they come, and known points are carried into the candidate's
    system, so that all candidates share one field.
    """
    if not len(known.lat):
        return None
    try:
        points = geodesy.from_wgs84(known.lat, known.lon, crs=candidate.crs)
    except geodesy.CoordinateError:
        return None
    given = np.column_stack(candidate.axes(rows.y, rows.x))
    sides = _bins(given, geodesy.is_projected(candidate.crs))
    at = np.column_stack(points)
    start = at.min(axis=0) - 10 * sides
    shape = np.ceil((at.max(axis=0) - start) / sides).astype(np.int64) + 10
    if shape.prod() > _MOST_BINS:
        return None
    # A bin's middle stands on a row of the lattice, where there is one.
    start = given[0] - np.ceil((given[0] - start) / sides) * sides
    bins = np.rint((given - start) / sides)
    inside = ((bins >= 0) & (bins < shape)).all(axis=1)
    field = np.zeros(shape)
    np.add.at(field, tuple(bins[inside].astype(np.int64).T), rows.weights[inside])
    level = np.log1p(field)
    raised = level - gaussian_filter(level, _BACKGROUND)
    values = map_coordinates(raised, ((at - start) / sides).T, order=1, mode="nearest")
    spread = float(raised.std()) or 1.0
    blocks = _blocks(known.lat, known.lon, _BLOCK_KM)
    return Piece(float(values.mean()) / spread, values, blocks, np.empty(0))


def _bins(given: Floats, projected: bool) -> Floats:  # noqa: FBT001
    """Sides of bins of half a kilometre or so; whole steps where rows form a lattice."""
    side = _BIN_KM * 1000 if projected else _BIN_KM / _DEGREE_KM
    at = np.unique(given[np.isfinite(given).all(axis=1)][:_MOST_LATTICE], axis=0)
    steps = lattice_steps(at)
    if steps is None:
        return np.full(2, side)
    return np.asarray(steps * np.maximum(np.rint(side / steps), 1))


def _nearest(tree: cKDTree, lat: Floats, lon: Floats) -> Floats:
    """Metres to the nearest point of a tree, NaN where there is no place."""
    metres = np.full(len(lat), np.nan)
    placed = np.isfinite(lat)
    metres[placed] = tree.query(vectors(lat[placed], lon[placed]))[0]
    return metres


def _closeness(metres: Floats) -> Floats:
    return np.asarray(-np.log(np.hypot(metres, _SOFT_M)))


def _blocks(y: Floats, x: Floats, km: float) -> Whole:
    """Number of the block of so many km that holds each unit, of degrees or metres."""
    degrees = np.nanmax(np.abs(np.concatenate([y, x]))) <= _LARGEST_DEGREE
    side = km / _DEGREE_KM if degrees else km * 1000
    at = np.floor(np.column_stack([y, x]) / side)
    return np.unique(at, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
