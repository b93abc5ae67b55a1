"""RecordRules: how a file of raw records is read, so that any engine reads it alike."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from typing import Final

from spatial.geodesy import crs_name
from spatial.ingest.errors import InputError, naming
from spatial.schema import ROLES, Role

__all__ = ["FATES", "MOST_GROUPS", "MOST_WEIGHT", "YEARS", "RecordRules"]

ON_MAP: Final = "on the map"
FATES: Final = (
    ON_MAP,
    "without a weight",
    "with a negative weight",
    "with a weight above a billion",
    "without a time",
    "in a year not asked for",
    "with an unknown role",
    "with an unknown group",
    "without coordinates",
    "off the Earth",
    "with a place that is no H3 cell",
    "in a cell coarser than those of the study",
    "in a row of another length",
)
"""What can become of a record; the first fault in this order is the one that is told."""

MOST_WEIGHT: Final = 1e9
"""Most people that one record may stand for: above that it is a slip, and sums stay exact."""
MOST_GROUPS: Final = 16
_FINEST: Final = 14  # role, year, group and cell share 64 bits
YEARS: Final = (1900, 2200)
"""Years that a study may hold."""
_MEANING: Final = 1  # goes up when the same rules come to mean something else


@dataclass(frozen=True, kw_only=True)
class RecordRules:
    """
    Which columns hold place, time, role and weight of a record, and what they mean.

    Parameters
    ----------
    resolution
        H3 resolution of the cells, 0 to 14.
    lat, lon
        Columns with coordinates in `crs`; y and x where it is projected.
    cell
        Or the column with an H3 cell, hex or number, as fine as `resolution` or finer.
    weight
        Column with the people a record stands for; "" where each stands for one.
    role, role_column
        The one role of all records, or the column that tells it.
    words
        What the role column says for a role: (("home", "residence"), ("job", "work")); a
        role's own name is always understood.
    year, time
        The one year of all records, or the column that tells it (see `years_of`).
    years
        First and last year that are taken.
    utc_offset
        Hours east of Greenwich of the clock by which a year begins; for times that are moments
        (seconds since 1970, or with a zone), not for those written by the local clock.
    crs
        "WGS-84", "GCJ-02", "BD-09" or "EPSG:n".
    group, groups
        Column that tells who is counted, and the values it may have, at most 16.
    """

    resolution: int
    lat: str = ""
    lon: str = ""
    cell: str = ""
    weight: str = ""
    role: Role | None = None
    role_column: str = ""
    words: tuple[tuple[str, Role], ...] = ()
    year: int = 0
    time: str = ""
    years: tuple[int, int] = YEARS
    utc_offset: float = 0.0
    crs: str = "WGS-84"
    group: str = ""
    groups: tuple[str, ...] = ()

    def checked(self) -> RecordRules:
        """
        The rules themselves, once they fit together.

        Raises
        ------
        InputError
            At the first that does not fit.
        """
        if fault := self._fault():
            raise InputError(fault)
        with naming("records"):
            return replace(self, crs=crs_name(self.crs))

    @property
    def columns(self) -> list[str]:
        """Every column that is needed, each once."""
        asked = (self.lat, self.lon, self.cell, self.weight, self.role_column, self.time)
        return list(dict.fromkeys(name for name in (*asked, self.group) if name))

    @property
    def role_words(self) -> dict[str, int]:
        """Number of the role, in the order of ROLES, for each word of the role column."""
        own: dict[str, int] = {role: number for number, role in enumerate(ROLES)}
        return own | {word: own[role] for word, role in self.words}

    @property
    def digest(self) -> str:
        """Sixteen hex digits that differ where the rules do."""
        told = repr((_MEANING, *astuple(self)))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def _fault(self) -> str:
        first, last = self.years
        place = bool(self.lat) + bool(self.lon)
        if not 0 <= self.resolution <= _FINEST:
            return f"resolution of records must lie in 0..{_FINEST}, found {self.resolution}"
        if place == 1 or bool(place) == bool(self.cell):
            return "records need the columns of lat and lon, or that of an H3 cell, and not both"
        if (self.role is None) != bool(self.role_column):
            return "records need a role or a role column, and not both"
        if self.role not in (None, *ROLES):
            return f"role must be one of {', '.join(ROLES)}, found {self.role}"
        if bool(self.year) == bool(self.time):
            return "records need a year or a time column, and not both"
        if not YEARS[0] <= first <= last <= YEARS[1]:
            return f"years must lie in {YEARS[0]} to {YEARS[1]}, found {first} to {last}"
        if self.year and not first <= self.year <= last:
            return f"year must lie in {first} to {last}, found {self.year}"
        if not -24 < self.utc_offset < 24:
            return f"utc offset must lie within 24 hours, found {self.utc_offset:g}"
        return self._group_fault()

    def _group_fault(self) -> str:
        if bool(self.group) != bool(self.groups):
            return "a group column needs the values it may have, found only one of both"
        if len(set(self.groups)) != len(self.groups):
            return f"groups must differ, found {', '.join(self.groups)}"
        if len(self.groups) > MOST_GROUPS:
            return f"groups must be at most {MOST_GROUPS}, found {len(self.groups)}"
        taken = {"cell", "role", "year", "graduates", "base"} & set(self.groups)
        if taken or not all(self.groups):
            return f"a group needs a name of its own, found {', '.join(taken) or 'an empty one'}"
        return ""
