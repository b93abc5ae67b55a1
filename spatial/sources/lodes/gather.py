"""Gathering: the files that are wanted, from a folder or from the publisher."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from spatial.ingest.errors import InputError
from spatial.sources.lodes.fetch import Told, cache_folder, fetch
from spatial.sources.lodes.naming import HOME, LodesFile, Wanted

__all__ = ["Gathered", "gather", "missing_words", "year_words"]


@dataclass(frozen=True)
class Gathered:
    """
    Files that are there, and those that are not.

    Parameters
    ----------
    files
        Where each file that is there lies.
    missing
        Files of counts that there are none of: no data for that state and year.
    """

    files: dict[LodesFile, Path] = field(default_factory=dict)
    missing: tuple[LodesFile, ...] = ()

    def crosswalks(self, wanted: Wanted) -> list[Path] | None:
        """The crosswalk of every state with counts, or None where any is not there."""
        states = {one.state for one in self.files if one.kind != "xwalk"}
        found = [self.files.get(one) for one in wanted.crosswalks() if one.state in states]
        there = [one for one in found if one is not None]
        return there if len(there) == len(found) else None


def gather(
    wanted: Wanted,
    *,
    folder: Path | None = None,
    cache: Path | None = None,
    home: str = "",
    tell: Told | None = None,
) -> Gathered:
    """
    The files wanted, from `folder`, else fetched from the publisher into `cache`.

    Parameters
    ----------
    wanted
        Which.
    folder
        Folder with the files by their own names, in one place or in the publisher's tree.
    cache
        Where fetched files are kept; `cache_folder()` by default.
    home
        Address of the publisher's tree, or of a copy of it.
    tell
        Told how far it is.

    Raises
    ------
    InputError
        When there is no such folder, none of the files is there, or the publisher cannot be
        reached.
    """
    if folder is not None and not folder.is_dir():
        raise InputError(f"files are looked for in a folder, found none at {folder}")
    counts = [
        one
        for table in wanted.tables
        for year in wanted.years_of(table)
        for one in wanted.files(table, year)
    ]
    files: dict[LodesFile, Path] = {}
    for one in [*counts, *wanted.crosswalks()]:
        if folder is not None:
            found = one.within(folder)
        else:
            target = (cache or cache_folder()) / one.place
            found = fetch(f"{(home or HOME).rstrip('/')}/{one.place}", target, tell=tell)
        if found is not None:
            files[one] = found
    missing = tuple(one for one in counts if one not in files)
    if len(missing) == len(counts):
        where = folder or home or HOME
        raise InputError(
            f"{where}: files must be there by LODES' own names, found none of {len(counts)}, such"
            f" as {counts[0].name}"
        )
    return Gathered(files, missing)


def missing_words(missing: Iterable[LodesFile]) -> list[str]:
    """One short line for each state and kind of file that lacks years: "dc wac: 2002-2009"."""
    years: dict[tuple[str, str], list[int]] = {}
    for one in missing:
        years.setdefault((one.state, one.kind), []).append(one.year)
    return [
        f"{state} {kind}: {year_words(sorted(found))}"
        for (state, kind), found in sorted(years.items())
    ]


def year_words(years: Sequence[int]) -> str:
    """Years in ascending order as a person writes them: 2010-2012, 2018; empty for none."""
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(f"{one[0]}-{one[-1]}" if len(one) > 1 else str(one[0]) for one in parts)
