"""Rents told the long way: one cell, one listing and one zone at a time."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from statistics import median

import h3
import numpy as np
import shapely

from spatial.geodesy import equal_area


def near_median(cell, at, values, *, least, rings):
    """Median, number of listings and ring for one cell: widen the disk until it holds enough."""
    middle = h3.int_to_str(int(cell))
    for ring in range(rings + 1):
        disk = {h3.str_to_int(one) for one in h3.grid_disk(middle, ring)}
        held = [value for where, value in zip(at, values, strict=True) if int(where) in disk]
        if len(held) >= least:
            return median(held), len(held), ring
    return float("nan"), 0, -1


def coverage(n, first, last):
    """Exact chance that the median lies between the first-th and last-th of n sorted values."""
    return sum((Fraction(comb(n, k), 2**n) for k in range(first, last)), Fraction(0))


def zone_mean(cell, shapes, rents, *, covered):
    """Mean rent by area shared with each zone; NaN where too little of the cell has a rent."""
    lat, lon = h3.cell_to_latlng(h3.int_to_str(int(cell)))
    ring = np.array(h3.cell_to_boundary(h3.int_to_str(int(cell))))

    def flat(xy):
        return np.column_stack(equal_area(xy[:, 1], xy[:, 0], lat_0=lat, lon_0=lon))

    hexagon = shapely.transform(shapely.Polygon(ring[:, ::-1]), flat)
    shared = [shapely.transform(one, flat).intersection(hexagon) for one in shapes]
    areas = [one.area for one in shared]
    if shapely.union_all(shared).area < covered * hexagon.area:
        return float("nan")
    return sum(a * r for a, r in zip(areas, rents, strict=True)) / sum(areas)
