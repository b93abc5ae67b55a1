"""What must be said beside the indicators of the commute, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from spatial import cells as h3cells
from spatial.account import breaks_beside
from spatial.commuters import Commuters
from spatial.info import Words
from spatial.study import Study

if TYPE_CHECKING:
    from spatial.rail import Network
    from spatial.transport import Separation

__all__ = ["FLOW_SERIES", "NOT_OBSERVED", "notes_of_flows", "notes_of_study"]

NOT_OBSERVED: Final[Words] = {
    "en": "The study does not say who goes where in this year. Residents, workers, separation and"
    " maximum come from its counts of homes and jobs; the true mean distance lies between the"
    " last two.",
    "zh": "本研究该年没有通勤流。居住人数、就业人数、职住分离度与最大值由居住与就业计数得出，"
    "实际平均距离介于后两者之间。",
}
FLOW_SERIES: Final = ("flows", "graduates", "residence", "work")
"""Series that flows belong to: a break in one is a break of theirs."""


def notes_of_study(study: Study, year: int) -> list[Words]:
    """Whom the flows count, whether anybody is made up, and breaks beside the year."""
    told = study.info.definitions.get("flows") or study.info.notes.get("flows")
    unknown = {
        "en": "The study does not say whom its flows count.",
        "zh": "本研究未说明通勤流的统计对象。",
    }
    notes = [dict(told) if told else unknown]
    if study.info.synthetic:
        notes.append(
            {"en": "The study is synthetic: nobody was counted.", "zh": "合成样例数据，并非实测。"}
        )
    for one in breaks_beside(study, year, series=FLOW_SERIES):
        after, before, reason = one["after"], one["before"], one["reason"]
        notes.append(
            {
                "en": f"Not comparable between {after} and {before} ({one['series']}):"
                f" {reason.get('en', '')}.",
                "zh": f"{after}年与{before}年口径不可比({one['series']})：{reason.get('zh', '')}。",
            }
        )
    return notes


def notes_of_flows(
    people: Commuters,
    *,
    sphere: bool,
    resolution: int,
    network: Network | None,
    layout: Separation | None,
) -> list[Words]:
    """What the ends, the shape of the Earth, the edge of the study and the models do to values."""
    if not people.own.graduates.sum() > 0:
        return [{"en": "Nobody of the flows is in this area.", "zh": "该范围内没有通勤者。"}]
    return [
        _ends(people, resolution),
        _earth(people, sphere=sphere),
        *([_edge()] if people.inside.all() else []),
        *([] if layout is None else [_forced(people, layout)]),
        *_rail(network),
    ]


def _ends(people: Commuters, resolution: int) -> Words:
    own = people.own
    if own.exact:
        return {
            "en": "Distances run between the source's own points.",
            "zh": "距离按来源给出的点位计算。",
        }
    same = float(own.graduates[own.origin == own.destination].sum() / own.graduates.sum())
    used = np.flatnonzero(people.homes + people.jobs > 0)
    apart = h3cells.spacing_km(own.cell[used])
    return {
        "en": f"Distances run between centres of cells of resolution {resolution}, some"
        f" {apart:.2f} km apart: short ones are rough, and {same:.1%} of people, who live and"
        " work in one cell, count as 0 km.",
        "zh": f"距离按{resolution}级网格中心计算，相邻中心约{apart:.2f}公里：短距离较粗略，"
        f"居住与就业同在一格者({same:.1%})计为0公里。",
    }


def _earth(people: Commuters, *, sphere: bool) -> Words:
    own = people.own
    exact, round_ = (
        float(np.average(one, weights=own.graduates))
        for one in (own.distance_km, own.sphere_distance_km)
    )
    more = (round_ / exact - 1) if exact > 0 else 0.0
    where, place = ("mean sphere", "平均球面") if sphere else ("WGS-84 ellipsoid", "WGS-84椭球面")
    return {
        "en": f"Measured on the {where}: the mean is {exact:.4f} km on the ellipsoid and"
        f" {round_:.4f} km on the sphere ({more:+.3%}).",
        "zh": f"距离取自{place}：平均距离在椭球面上为{exact:.4f}公里，"
        f"在球面上为{round_:.4f}公里({more:+.3%})。",
    }


def _edge() -> Words:
    return {
        "en": "The flows end at the edge of the study: nobody enters or leaves it by"
        " construction, and longer ways out of it are not counted.",
        "zh": "通勤流止于研究范围：流入、流出按定义为零，更远的通勤未计入。",
    }


def _forced(people: Commuters, layout: Separation) -> Words:
    if layout.resolution is None:
        where, place = "the ends themselves", "点位本身"
    else:
        where = f"cells of resolution {layout.resolution}"
        place = f"{layout.resolution}级网格"
    moved = " and by the move of points to the centres of their cells" if people.own.exact else ""
    also = "，并计入点位移至网格中心的误差" if people.own.exact else ""
    return {
        "en": f"Separation solved between {where}; off by at most {layout.error_km:.3f} km by"
        f" rolling up{moved}, which low and high hold.",
        "zh": f"职住分离度在{place}上求解；归并误差不超过{layout.error_km:.3f}公里{also}，"
        "已计入上下限。",
    }


def _rail(network: Network | None) -> Iterator[Words]:
    if network is None:
        yield {
            "en": "No stations of that year: nothing by rail is told.",
            "zh": "该年没有地铁站数据：不给出轨道指标。",
        }
        return
    if network.links.empty:
        yield {
            "en": "Stations without links between them: nobody rides, and minutes are those of the"
            " direct way.",
            "zh": "有站点而无线路连接：时间按直达方式估算，不计乘轨。",
        }
    yield {
        "en": "Minutes are modelled from distance and a network, with constants the study may set,"
        " not measured.",
        "zh": "通勤时间为模型估算，由距离与轨道网络推得，并非实测。",
    }
