"""Story: the facts of one lineage, for a page to put into words in any language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from spatial.lineage import Lineages
from spatial.steps import Verdict
from spatial.trend import Proof, provable, trend_words

__all__ = ["Chapter", "Story", "place_words", "story"]


@dataclass(frozen=True)
class Chapter:
    """
    What became of a lineage between two successive years.

    Parameters
    ----------
    from_year, to_year
        The two years.
    verdict
        In one word.
    other, other_name, other_name_en
        Of a split the lineage it came from, of a merger the one it went into; else empty.
    before, after
        Graduates in the fixed cells that were compared.
    p
        Of the verdict's test.
    moved_km
        Shift of the centre.
    shown_before, shown_after
        Whether the place was among those shown.
    """

    from_year: int
    to_year: int
    verdict: Verdict
    other: str
    other_name: str
    other_name_en: str
    before: float
    after: float
    p: float
    moved_km: float
    shown_before: bool
    shown_after: bool

    @property
    def change(self) -> float:
        """Graduates more, or fewer."""
        return self.after - self.before

    @property
    def percent(self) -> float | None:
        """Change in per cent of the earlier year; None where that had none."""
        return 100 * self.change / self.before if self.before else None


@dataclass(frozen=True)
class Story:
    """
    The facts of one lineage.

    Parameters
    ----------
    lineage, name, name_en
        Its id, and its name as first seen.
    years
        All years that were looked at.
    alive, shown
        Years in which it was there, and among the places shown.
    graduates
        In all cells it ever had, one number a year: the same footprint throughout.
    chapters
        One for each pair of years in which it is there, steady ones included.
    span
        Whether it grew, shrank or did neither from the first year to the last.
    proof
        What a trend over so many years could prove.
    """

    lineage: str
    name: str
    name_en: str
    years: tuple[int, ...]
    alive: tuple[int, ...]
    shown: tuple[int, ...]
    graduates: tuple[float, ...]
    chapters: tuple[Chapter, ...]
    span: Verdict
    proof: Proof

    @property
    def events(self) -> tuple[Chapter, ...]:
        """Chapters in which something happened beyond noise."""
        return tuple(one for one in self.chapters if one.verdict != "steady")

    @property
    def change(self) -> float:
        """Graduates more, or fewer, in the last year than in the first, in its fixed cells."""
        return self.graduates[-1] - self.graduates[0]


def story(lineages: Lineages, lineage: str) -> Story:
    """
    The facts of one lineage.

    Raises
    ------
    ValueError
        When there is no such lineage.
    """
    rows = lineages.years[lineages.years["lineage"] == lineage].sort_values("year")
    if rows.empty:
        known = ", ".join(lineages.years["lineage"].unique())
        raise ValueError(f"a lineage must be one of {known or 'none'}, found {lineage}")
    first = lineages.years.drop_duplicates("lineage").set_index("lineage")
    events = lineages.events[lineages.events["lineage"] == lineage]
    return Story(
        lineage=lineage,
        name=str(rows["name"].iloc[0]),
        name_en=str(rows["name_en"].iloc[0]),
        years=tuple(rows["year"].tolist()),
        alive=tuple(rows.loc[rows["alive"].astype(bool), "year"].tolist()),
        shown=tuple(rows.loc[rows["shown"].astype(bool), "year"].tolist()),
        graduates=tuple(rows["graduates_fixed"].tolist()),
        chapters=tuple(_chapter(row, first) for row in events.to_dict("records")),
        span=lineages.spans.set_index("lineage")["verdict"][lineage],
        proof=provable(len(rows)),
    )


def place_words(lineages: Lineages, *, alpha: float = 0.05) -> pd.DataFrame:
    """
    What may be said of each lineage over the years: `trend_words`, "hot" being shown.

    A trend, from 8 years on, is looked for in the graduates of its fixed cells.
    """
    table = lineages.years
    order = table["lineage"].drop_duplicates()
    shown = table.pivot(index="lineage", columns="year", values="shown").loc[order]
    held = table.pivot(index="lineage", columns="year", values="graduates_fixed").loc[order]
    verdicts = shown.astype(bool).replace({True: "hot", False: "none"})
    return trend_words(verdicts, held, alpha=alpha)


def _chapter(row: dict[Any, Any], names: pd.DataFrame) -> Chapter:
    other = str(row["with_lineage"])
    known = names.loc[other] if other else {"name": "", "name_en": ""}
    return Chapter(
        other=other,
        other_name=str(known["name"]),
        other_name_en=str(known["name_en"]),
        before=row["footprint_before"],
        after=row["footprint_after"],
        **{name: row[name] for name in _SAME},
    )


_SAME = ("from_year", "to_year", "verdict", "p", "moved_km", "shown_before", "shown_after")
