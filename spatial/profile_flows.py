"""Commutes of an area: who crosses its edge, how far people go, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from spatial.commute_report import CommuteReport, commute_report
from spatial.ends import ELSEWHERE, Side, ends_of
from spatial.exchange import partners
from spatial.info import Words
from spatial.pairs import Pairs, flow_years, pairs_of
from spatial.profile_row import Row, Subject
from spatial.schema import Role

__all__ = ["flow_rows"]

_CROSSING: Final = ("self_containment", "inflow", "outflow")
_WAYS: Final = (
    *("mean_distance_km", "median_distance_km", "share_within_5km", "mean_minutes"),
    *("share_within_45min", "homes_near_rail", "rail_coverage_800m"),
)
_PARTNERS: Final = 5
_NONE: Final[Words] = {
    "en": "flows from home to work",
    "zh": "职住通勤流",
}


def flow_rows(asked: Subject) -> Iterator[Row | Words]:
    """Crossings, distances and times of those who live and who work here, and their partners."""
    years = flow_years(asked.study)
    if not years:
        yield _NONE
        return
    year = min(years, key=lambda one: abs(one - asked.year))
    flows = pairs_of(asked.study, year)
    sides: tuple[Role, ...] = ("residence",) if asked.whole else ("residence", "work")
    for side in sides:
        report = commute_report(
            asked.study,
            year,
            area=asked.area,
            side=side,
            transport=False,
            draws=asked.draws,
            seed=asked.seed,
            pairs=flows,
        )
        if side == "residence" and not asked.whole:
            yield from _rows(report, "crossing", _CROSSING)
        yield from _rows(report, "residents" if side == "residence" else "workers", _WAYS)
    if not asked.whole:
        yield from _partners(asked, flows, year)


def _rows(report: CommuteReport, section: str, names: tuple[str, ...]) -> Iterator[Row]:
    for name in names:
        one: Any = report.indicators.loc[name]
        yield Row(
            section=section,
            indicator=name,
            year=report.year,
            value=float(one["value"]),
            low=float(one["low"]),
            high=float(one["high"]),
            unit=str(one["unit"]),
            modelled=bool(one["modelled"]),
        )


def _partners(asked: Subject, flows: Pairs, year: int) -> Iterator[Row]:
    inside = asked.area.holds(flows.lat, flows.lon, flows.cell)
    districts = asked.study.layer("districts") if asked.study.has("districts") else None
    sides: tuple[tuple[Side, Role, str], ...] = (
        ("home", "residence", "come_from"),
        ("work", "work", "go_to"),
    )
    for side, role, section in sides:
        labels = ends_of(flows, places=asked.places[role], districts=districts)
        table = partners(flows, inside, labels, side=side)
        rows: Any = table[table["kind"] != ELSEWHERE].head(_PARTNERS).itertuples()
        for one in rows:
            yield Row(
                section=section,
                indicator="partner",
                name=_rest(str(one.name), str(one.kind), "{}其他地区"),
                name_en=_rest(str(one.name_en), str(one.kind), "elsewhere in {}"),
                year=year,
                value=float(one.graduates),
                unit="people",
                note=_share(float(one.share), float(one.mean_km), side),
            )


def _rest(name: str, kind: str, words: str) -> str:
    """Of a district, what its places leave over."""
    return words.format(name) if kind == "district" else name


def _share(share: float, mean_km: float, side: Side) -> Words:
    crossing, chinese = ("inflow", "流入") if side == "home" else ("outflow", "流出")
    return {
        "en": f"{share:.1%} of the {crossing}, {mean_km:.1f} km on average",
        "zh": f"占{chinese}的{share:.1%}，平均{mean_km:.1f}公里",
    }
