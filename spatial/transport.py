"""
How much of the commute the layout forces: the least and the most that homes and jobs allow.

Jobs-housing separation is the mean distance that would remain if the same people lived in the
same homes and worked at the same jobs, but each pair were matched so that all together travel
least. What is travelled beyond is called excess commuting (Hamilton 1982; White 1988).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from numpy.typing import ArrayLike

from spatial.margins import Margins

__all__ = ["Separation", "least_mean_km", "most_mean_km", "separation"]


@dataclass(frozen=True)
class Separation:
    """
    The least and greatest mean distance between homes and jobs, over all ways to match them.

    Parameters
    ----------
    minimum_km, maximum_km
        Mean over all people. Everyone counts, those too who would live where they work.
    error_km, maximum_error_km
        The true value for the cells given lies within this of the one above, guaranteed;
        0 where solved at the cells themselves.
    resolution
        That of the cells the minimum was solved at; None where there were none.
    cells
        How many cells that was, homes and jobs together.
    """

    minimum_km: float
    maximum_km: float
    error_km: float
    maximum_error_km: float
    resolution: int | None
    cells: int


def least_mean_km(
    lat: ArrayLike,
    lon: ArrayLike,
    homes: ArrayLike,
    to_lat: ArrayLike,
    to_lon: ArrayLike,
    jobs: ArrayLike,
) -> float:
    """
    Least mean distance in km from homes to jobs over all ways to match them, exact.

    Parameters
    ----------
    lat, lon, homes
        Degrees WGS-84 and people, shape (n,).
    to_lat, to_lon, jobs
        Degrees WGS-84 and people, shape (m,); where totals differ both count as shares.

    Raises
    ------
    ValueError
        When there are no homes or no jobs.
    """
    return Margins.of_points(lat, lon, homes, to_lat, to_lon, jobs).cancelled().mean_km()


def most_mean_km(
    lat: ArrayLike,
    lon: ArrayLike,
    homes: ArrayLike,
    to_lat: ArrayLike,
    to_lon: ArrayLike,
    jobs: ArrayLike,
) -> float:
    """Greatest mean distance in km over all ways to match; see `least_mean_km`."""
    return Margins.of_points(lat, lon, homes, to_lat, to_lon, jobs).mean_km(farthest=True)


def separation(homes: pd.Series, jobs: pd.Series, *, most: int = 3_000) -> Separation:
    """
    Least and greatest mean distance between homes and jobs counted in cells.

    People of a cell with both homes and jobs stay there in a plan of least cost (distances obey
    the triangle inequality), so only what is left over on either side is shipped. Where that is
    more than `most` x `most` ways, it is rolled up to the finest resolution where it is not, each
    coarse cell at the mean place of its people. The plan found there, carried out between the
    fine cells, is one they allow, so the truth is at most its mean; the prices found there are a
    function that nowhere rises faster than distance, so the truth is at least what homes gain
    and jobs lose by it (Kantorovich & Rubinstein 1958). The value given is halfway, the error
    half the difference. The greatest mean distance is found and bounded likewise, from everybody:
    staying at home is no part of it.

    Parameters
    ----------
    homes, jobs
        People by cell (uint64), all of one resolution; totals that differ count as shares.
    most
        Side of the largest square of distances to hold: 3 000 is 72 MB.

    Raises
    ------
    ValueError
        When there are no homes or no jobs.

    References
    ----------
    Hamilton, B. W. (1982). Wasteful commuting. Journal of Political Economy 90(5), 1035-1053.
    White, M. J. (1988). Urban commuting journeys are not "wasteful". Journal of Political
    Economy 96(5), 1097-1110. Horner, M. W. (2002). Extensions to the concept of excess
    commuting. Environment and Planning A 34(3), 543-566 (the maximum).
    """
    everyone = Margins.of_cells(homes, jobs)
    near, far = everyone.cancelled().rolled(most=most), everyone.rolled(most=most)
    (low, high), (few, many) = near.least_km(), far.greatest_km()
    return Separation(
        minimum_km=(low + high) / 2,
        maximum_km=(few + many) / 2,
        error_km=(high - low) / 2,
        maximum_error_km=(many - few) / 2,
        resolution=near.resolution,
        cells=len(near.coarse.sends) + len(near.coarse.takes),
    )
