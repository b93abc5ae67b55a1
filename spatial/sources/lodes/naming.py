"""Names: what every LODES file is called, where it lies, and which there can be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from spatial.ingest.errors import InputError

__all__ = [
    "BLOCKS",
    "FIRST_YEAR",
    "HOME",
    "JOB_TYPES",
    "LAST_YEAR",
    "STATES",
    "TABLES",
    "LodesFile",
    "Proxy",
    "Table",
    "Version",
    "Wanted",
    "states_of",
    "tables_of",
    "years_of",
]

Table = Literal["wac", "rac", "od"]
TABLES: Final[tuple[Table, ...]] = get_args(Table)
Version = Literal[7, 8]
Proxy = Literal["S000", "SE03"]

HOME: Final = "https://lehd.ces.census.gov/data/lodes"
BLOCKS: Final[dict[int, int]] = {7: 2010, 8: 2020}
"""Census whose blocks a version counts by."""
FIRST_YEAR: Final = 2002
LAST_YEAR: Final[dict[int, int]] = {7: 2019}
"""Last year of a version that is not carried on."""
JOB_TYPES: Final = ("JT00", "JT01", "JT02", "JT03", "JT04", "JT05")

# Postal letters and the two digits that every block id of the state begins with.
_POSTAL: Final = """
al01 ak02 az04 ar05 ca06 co08 ct09 de10 dc11 fl12 ga13 hi15 id16 il17 in18 ia19 ks20
ky21 la22 me23 md24 ma25 mi26 mn27 ms28 mo29 mt30 ne31 nv32 nh33 nj34 nm35 ny36 nc37
nd38 oh39 ok40 or41 pa42 ri44 sc45 sd46 tn47 tx48 ut49 vt50 va51 wa53 wv54 wi55 wy56
pr72
"""
STATES: Final[dict[str, str]] = {pair[:2]: pair[2:] for pair in _POSTAL.split()}

_YEARS: Final = re.compile(r"(\d{4})(?:-(\d{4}))?")


@dataclass(frozen=True, order=True)
class LodesFile:
    """
    One file of one state.

    Parameters
    ----------
    state
        Two letters, lower case.
    kind
        wac, rac, od_main, od_aux or xwalk.
    version
        7 or 8.
    year
        Of the counts; 0 for a crosswalk.
    job_type
        JT00 (all jobs) to JT05; empty for a crosswalk.
    """

    state: str
    kind: str
    version: int
    year: int = 0
    job_type: str = ""

    @property
    def name(self) -> str:
        """The name the publisher gives it."""
        if self.kind == "xwalk":
            return f"{self.state}_xwalk.csv.gz"
        part = self.kind if self.kind.startswith("od") else f"{self.kind}_S000"
        return f"{self.state}_{part}_{self.job_type}_{self.year}.csv.gz"

    @property
    def place(self) -> str:
        """Its path below the home of all versions."""
        folder = "" if self.kind == "xwalk" else f"{self.kind.partition('_')[0]}/"
        return f"LODES{self.version}/{self.state}/{folder}{self.name}"

    def within(self, folder: Path) -> Path | None:
        """The file in a folder, which holds all in one place or in the publisher's own tree."""
        places = (self.name, self.place, self.place.partition("/")[2])
        for place in places:
            for path in (folder / place, folder / place.removesuffix(".gz")):
                if path.is_file():
                    return path
        return None


@dataclass(frozen=True)
class Wanted:
    """
    What is asked of LODES.

    Parameters
    ----------
    states, years, tables
        Of which every combination is wanted.
    job_type
        JT00 is all jobs, JT01 each worker's main one.
    version
        8 counts by blocks of 2020, 7 by those of 2010.
    proxy
        Who the flows count: S000 all workers, SE03 those paid more than $3,333 a month.
    flow_years
        Years of which flows are wanted; where none are named, the last of `years`, as many as a
        study holds with ease.
    """

    states: tuple[str, ...]
    years: tuple[int, ...]
    tables: tuple[Table, ...] = TABLES
    job_type: str = "JT00"
    version: Version = 8
    proxy: Proxy = "S000"
    flow_years: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        last = LAST_YEAR.get(self.version)
        named = (*self.years, *self.flow_years)
        if last is not None and (late := [year for year in named if year > last]):
            raise InputError(
                f"LODES{self.version} ends in {last}, found year {late[0]}: later years are in"
                " LODES8"
            )
        if self.job_type not in JOB_TYPES:
            raise InputError(
                f"a job type must be one of {', '.join(JOB_TYPES)}, found {self.job_type}"
            )

    def years_of(self, table: Table) -> tuple[int, ...]:
        """Years of which a table is wanted."""
        return self.flow_years or self.years if table == "od" else self.years

    def files(self, table: Table, year: int) -> Iterator[LodesFile]:
        """Files of all states that make up one table of one year."""
        kinds = ("od_main", "od_aux") if table == "od" else (table,)
        for state in self.states:
            for kind in kinds:
                yield LodesFile(state, kind, self.version, year, self.job_type)

    def crosswalks(self) -> Iterator[LodesFile]:
        """The crosswalk of each state."""
        for state in self.states:
            yield LodesFile(state, "xwalk", self.version)


def states_of(names: Iterable[str]) -> tuple[str, ...]:
    """States by their two letters, each once, in the order given; InputError for others."""
    found = list(dict.fromkeys(name.strip().lower() for name in names))
    if not found:
        raise InputError("a load of LODES needs a state, found none: --state va")
    if unknown := [name for name in found if name not in STATES]:
        raise InputError(
            f"a state must be given by its two letters, such as va, found {unknown[0][:40]!r}"
        )
    return tuple(found)


def years_of(text: str) -> tuple[int, ...]:
    """
    Years named as 2018, 2010-2023 or 2010,2015-2017: each once, ascending.

    Raises
    ------
    InputError
        When the text names none, or one before LODES begins.
    """
    years: set[int] = set()
    for part in text.split(","):
        match = _YEARS.fullmatch(part.strip())
        if not match or int(match[2] or match[1]) < int(match[1]):
            raise InputError(f"years must read like 2018 or 2010-2023, found {text[:40]!r}")
        years |= set(range(int(match[1]), int(match[2] or match[1]) + 1))
    if min(years) < FIRST_YEAR or max(years) > 2200:
        off = min(years) if min(years) < FIRST_YEAR else max(years)
        raise InputError(f"LODES begins in {FIRST_YEAR}, found year {off}")
    return tuple(sorted(years))


def tables_of(text: str) -> tuple[Table, ...]:
    """Tables named as wac,rac,od, each once; InputError for others."""
    asked = [part.strip().lower() for part in text.split(",") if part.strip()]
    if unknown := [one for one in asked if one not in TABLES]:
        raise InputError(f"tables must be of {', '.join(TABLES)}, found {unknown[0][:40]!r}")
    if not asked:
        raise InputError(f"tables must be of {', '.join(TABLES)}, found none")
    return tuple(table for table in TABLES if table in asked)
