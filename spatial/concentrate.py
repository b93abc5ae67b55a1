"""Concentrate: where graduates are more than jobs or residents in general would have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from spatial.analysis import series_table
from spatial.cheapness import RentReading, rent_reading
from spatial.districts import district_of
from spatial.places import Places
from spatial.question import Question
from spatial.quotient import Slope, log_log_slope, poisson_slope
from spatial.quotients import Verdict, quotient_table
from spatial.schema import Role
from spatial.study import Study

__all__ = ["Concentration", "concentration", "quotient_table"]


@dataclass(frozen=True, eq=False)
class Concentration:
    """
    How graduates stand against their base in one role and year.

    Parameters
    ----------
    role, year, group
        Whom it is about.
    cells, districts, places
        `quotient_table` by cell, district and place; the last two empty where the study has no
        districts and no places were given.
    log_log, poisson
        Per cent more graduates for one per cent more base: above 1, higher gets higher. Cells of
        one resolution are nearly of one size, so that this is the reading against density too:
        above 1, graduates are fewer than the base where the base is thin. Where the two disagree
        believe `poisson`, and look at `dropped`: `leans` does.
    rent
        For homes, the reading against rent; None for work and where no rents were given.
    missing
        Which of "base", "districts", "places" and "rents" cannot be told of.
    """

    role: Role
    year: int
    group: str
    cells: pd.DataFrame
    districts: pd.DataFrame
    places: pd.DataFrame
    log_log: Slope
    poisson: Slope
    rent: RentReading | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def dropped(self) -> float:
        """Share of the cells with base that `log_log` cannot see, for they hold no graduates."""
        return 1 - self.log_log.n / self.poisson.n if self.poisson.n else float("nan")

    @property
    def leans(self) -> Verdict:
        """
        "more": higher gets higher, for the interval of `poisson` lies above 1; "fewer": below.

        Not by `log_log`, which thin counts flatten: among cells of small base it sees only those
        that were lucky enough to hold anybody.
        """
        if self.poisson.low > 1:
            return "more"
        return "fewer" if self.poisson.high < 1 else "none"


def concentration(
    study: Study,
    *,
    role: Role,
    year: int,
    group: str = "all",
    resolution: int | None = None,
    places: Places | None = None,
    rents: pd.Series | None = None,
    edges: Sequence[float] | None = None,
    alpha: float = 0.05,
    least: float = 1.0,
    rng: np.random.Generator | None = None,
) -> Concentration:
    """
    Location quotients with their intervals, and whether higher gets higher.

    Parameters
    ----------
    study, role, year, group
        Whose graduates are compared with their base. A base that does not tell groups apart is
        what each group is compared with.
    resolution
        Of the cells; None is the study's own.
    places
        To tell of places too, of the same resolution.
    rents
        Rent of each cell at this resolution, for homes; NaN where none is known.
    edges
        Of the rent bands; None takes the study's, which are of rents per month.
    alpha, least
        As in `quotient_table`.
    rng
        Where the chance of the reading against rent comes from; None for no interval there.

    Raises
    ------
    QuestionError
        When the resolution is finer than the study's.
    SchemaError
        When the study has no such role, year or group.
    """
    asked = Question(year=year, role=role, group=group, resolution=resolution)
    table = series_table(study, asked)
    counts, base = table["graduates"], table["base"]
    layer = study.layer("districts")
    districts = district_of(counts.index, layer) if len(layer) else _nowhere(counts.index)
    member = _nowhere(counts.index) if places is None else places.member.reindex(counts.index)
    reading = None
    if role == "residence" and rents is not None and rents.notna().any():
        bands = study.info.rent_edges if edges is None else edges
        reading = rent_reading(counts, base, rents, edges=bands, least=least, rng=rng)
    known = {
        "base": base.notna().any(),
        "districts": districts.notna().any(),
        "places": member.notna().any(),
        "rents": reading is not None or role == "work",
    }
    return Concentration(
        role=role,
        year=year,
        group=group,
        cells=quotient_table(counts, base, alpha=alpha, least=least),
        districts=quotient_table(counts, base, by=districts, alpha=alpha, least=least),
        places=quotient_table(counts, base, by=member, alpha=alpha, least=least),
        log_log=log_log_slope(counts, base),
        poisson=poisson_slope(counts, base),
        rent=reading,
        missing=[name for name, told in known.items() if not told],
    )


def _nowhere(index: pd.Index) -> pd.Series:
    return pd.Series(np.full(len(index), None, dtype=object), index=index, name="area")
