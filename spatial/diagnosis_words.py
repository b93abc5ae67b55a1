"""What the diagnosis found, in one sentence of either language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from spatial.diagnosis_evidence import Reading
from spatial.info import Words

__all__ = ["none_near", "nothing_to_read", "sentence", "undecided"]

_MOST_NAMED: Final = 4

_FOUND: Final = {
    "swapped": (
        "latitude and longitude have changed places, in {crs}",
        "经纬度颠倒，坐标系为 {crs}",
    ),
    "wrong zone": ("the coordinates are {crs}, not {said}", "坐标系为 {crs}，而非 {said}"),
    "": ("the coordinates are {crs}", "坐标系为 {crs}"),
}
_SHARE: Final = ("{0:.1%} of rows lie in the district they state", "{0:.1%} 的行落在所述行政区内")
_KINDS: Final = {
    "in_district": _SHARE,
    "station_m": (
        "rows lie {0:,.0f} m from the nearest known point (median)",
        "各行距最近已知点的中位距离为 {0:,.0f} 米",
    ),
    "outline_m": (
        "rows lie {0:,.0f} m from the known outlines (median)",
        "各行距已知边界的中位距离为 {0:,.0f} 米",
    ),
    "namesake_m": (
        "rows lie {0:,.0f} m from the known point of their name (median)",
        "各行距同名已知点的中位距离为 {0:,.0f} 米",
    ),
    "density": (
        "rows crowd most about the known points (score {0:.2f})",
        "各行最集中于已知点周围（得分 {0:.2f}）",
    ),
    "lattice": (
        "rows lie on a regular grid, {0:.2%} of a step off it",
        "各行构成规则网格，偏差为步长的 {0:.2%}",
    ),
}
_NUMBERS: Final = {"in_district": "{:.1%}", "density": "{:.2f}", "lattice": "{:.2%}"}


def sentence(
    best: Reading, rivals: Sequence[Reading], *, kind: str, verdict: str, said: str, sure: bool
) -> Words:
    """
    One sentence: what was found, and the figure that tells it from its rivals.

    Parameters
    ----------
    best, rivals
        The reading found, and those it was weighed against.
    kind
        Of the evidence that decides; "" where no other reading puts the rows near.
    verdict, said
        As in `Diagnosis`; what the coordinates were said to be.
    sure
        Whether the finding is to be relied on.
    """
    en, zh = (
        text.format(crs=best.candidate.crs, said=said) for text in _FOUND.get(verdict, _FOUND[""])
    )
    why_en, why_zh = _why(best, rivals, kind)
    if sure:
        return {"zh": f"{zh}：{why_zh}。", "en": f"{en[0].upper()}{en[1:]}: {why_en}."}
    return {
        "zh": f"可能{zh}，但不能确定：{why_zh}，证据不足。",
        "en": f"Perhaps {en}, which cannot be told for sure: {why_en}, and that is not enough.",
    }


def undecided(readings: Sequence[Reading], *, rows: int, compared: bool) -> Words:
    """That it cannot be told, and why."""
    names = _listed([one.candidate.crs for one in readings])
    if not compared:
        en = "nothing is known here to compare with"
        zh = "没有可供比对的已知数据"
    elif rows < 30:
        en, zh = f"{rows} rows are too few", f"只有 {rows} 行，数量太少"
    else:
        en, zh = "nothing in the rows tells them apart", "数据本身无法区分"
    turned = all(one.candidate.swapped for one in readings)
    start_en = "Latitude and longitude have changed places, but the" if turned else "The"
    return {
        "zh": f"{'经纬度颠倒，且' * turned}无法判断坐标系：{names[1]} 均有可能，{zh}。",
        "en": f"{start_en} coordinate system cannot be told: {names[0]} fit alike, and {en}.",
    }


def none_near(readings: Sequence[Reading], *, degrees: bool) -> Words:
    """That no reading puts most rows near."""
    en, zh = _listed([one.candidate.name for one in readings])
    kind_en, kind_zh = (
        ("degrees", "经纬度") if degrees else ("metres or feet on a plane", "平面坐标")
    )
    return {
        "zh": f"无法判断坐标系：数值像{kind_zh}，但按 {zh} 均不在研究区附近。",
        "en": (
            f"The coordinate system cannot be told: the numbers look like {kind_en}, and none of"
            f" {en} puts most rows near the study."
        ),
    }


def nothing_to_read() -> Words:
    """That there are no positions."""
    return {
        "zh": "无法判断坐标系：没有任何坐标。",
        "en": "The coordinate system cannot be told: no row has coordinates.",
    }


def _why(best: Reading, rivals: Sequence[Reading], kind: str) -> tuple[str, str]:
    if not kind:
        share = best.on_earth if np.isnan(best.in_extent) else best.in_extent
        if np.isnan(best.in_extent):
            return "no other system puts the rows on the Earth", "按其他坐标系各行均不在地球表面"
        return (
            f"{share:.1%} of rows lie near the study, and as nothing else do most",
            f"{share:.1%} 的行位于研究区附近，按其他坐标系则不然",
        )
    en, zh = (text.format(_figure(best, kind)) for text in _KINDS[kind])
    shown = _NUMBERS.get(kind, "{:,.0f} m")
    others = [
        (one.candidate.name, value) for one in rivals if np.isfinite(value := _figure(one, kind))
    ]
    if not others:
        return en, zh
    against = [f"{shown.format(value)} as {name}" for name, value in others[:_MOST_NAMED]]
    beside = [
        f"按 {name} 为 {shown.format(value).replace(' m', ' 米')}"
        for name, value in others[:_MOST_NAMED]
    ]
    return f"{en}, against {' and '.join(against)}", f"{zh}，{'，'.join(beside)}"


def _figure(one: Reading, kind: str) -> float:
    if kind == "lattice":
        return one.lattice
    return one.pieces[kind].figure if kind in one.pieces else np.nan


def _listed(names: Sequence[str]) -> tuple[str, str]:
    """Names with a conjunction, in English and in Chinese."""
    if len(names) > _MOST_NAMED:
        few = ", ".join(names[:_MOST_NAMED])
        return f"{few} and {len(names) - _MOST_NAMED} more", f"{few} 等 {len(names)} 种"
    if len(names) == 1:
        return names[0], names[0]
    return f"{', '.join(names[:-1])} and {names[-1]}", "、".join(names)
