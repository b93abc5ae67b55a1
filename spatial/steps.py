"""Steps: what became of one place between two years, and the rules by which that is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

__all__ = ["VERDICTS", "LineageRules", "Site", "Step", "Verdict"]

Verdict = Literal["appeared", "grew", "steady", "shrank", "moved", "split", "merged", "vanished"]
"""What may become of a place."""
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
"""Every verdict."""

_OPPOSITE: Final[dict[Verdict, Verdict]] = {
    "appeared": "vanished",
    "grew": "shrank",
    "steady": "steady",
    "shrank": "grew",
    "moved": "moved",
    "split": "merged",
    "merged": "split",
    "vanished": "appeared",
}


@dataclass(frozen=True, kw_only=True)
class LineageRules:
    """
    Where one verdict on a place ends and the next begins; our choice, to be changed at will.

    Relative changes are of the larger of the two years, so that a year less or later turns grew
    into shrank and nothing else.

    Parameters
    ----------
    alpha
        Chance that a study where nothing changed but noise shows any event at all; shared out
        over all tests (Bonferroni).
    match
        Least overlap, shared graduates over those of both (weighted Jaccard), by which two
        places are the same one.
    inside
        Or least part of either place's graduates that lie in the other.
    least
        Least relative change of its footprint at which a place grew or shrank.
    gone
        Least relative change at which it appeared or vanished.
    kept
        A peak left in the footprint, of at least this part of the place's prominence, means it
        has not vanished but is only no longer shown.
    moved_km
        Least shift of the centre of its footprint's graduates at which a place moved, km.
    reach_km
        A place that vanishes and one that appears this near, km, of like size, are one that
        moved.
    like
        Least ratio of the smaller to the larger at which two sizes are alike.
    part
        Least part of a place's graduates that stood in a part it splits into, or of the part's
        graduates that stand in the place's cells; for a part elsewhere, of the loss it gained.
    spread
        Least part of its graduates that must stand elsewhere in it after it split.
    """

    alpha: float = 0.01
    match: float = 0.15
    inside: float = 0.5
    least: float = 0.1
    gone: float = 0.3
    kept: float = 0.25
    moved_km: float = 0.5
    reach_km: float = 3.0
    like: float = 0.5
    part: float = 0.15
    spread: float = 0.1


@dataclass(frozen=True, eq=False)
class Site:
    """
    One place in one year.

    Parameters
    ----------
    place
        Its id in that year; empty where it is not shown.
    name, name_en
        Its name in that year.
    cells
        Positions of its cells, sorted; where it is not shown, those it last had or will have.
    peak
        Position of its highest cell.
    prominence
        Of that peak, graduates per cell of the smoothed surface.
    """

    place: str
    name: str
    name_en: str
    cells: NDArray[np.int64]
    peak: int
    prominence: float

    @property
    def shown(self) -> bool:
        """Whether it is among the places of that year."""
        return bool(self.place)

    def hidden(self) -> Site:
        """The same cells in a year in which it is not shown."""
        return replace(self, place="")


@dataclass(frozen=True, eq=False)
class Step:
    """
    What became of one place between two years.

    Parameters
    ----------
    before, after
        The place in either year. None where it is not there; a place that is only no longer
        shown goes on as itself, its `after` not shown.
    verdict
        In one word.
    p
        Of the test that gave the verdict; of the change of its footprint where steady.
    footprint
        The fixed cells in which both years were compared.
    origin, target
        Of a split the place it came from, of a merger the one it went into; else None.
    moved_km
        Shift of the footprint's centre, or the distance to where a place moved to.
    """

    before: Site | None
    after: Site | None
    verdict: Verdict
    p: float
    footprint: NDArray[np.int64]
    moved_km: float = 0.0
    origin: Site | None = None
    target: Site | None = None

    def turned(self) -> Step:
        """The same step told backwards."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            verdict=_OPPOSITE[self.verdict],
            origin=self.target,
            target=self.origin,
        )
