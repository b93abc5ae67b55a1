"""The changes among residence places that the Beijing sample was given, for analysis to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spatial.study import Words

__all__ = ["PLANTED", "Planted"]


@dataclass(frozen=True)
class Planted:
    """A change among residence places that the sample was given, for the analysis to find."""

    verdict: str
    year: int  # the first year in which it shows
    before: tuple[str, ...]  # rows of pockets.csv that matter before, and after
    after: tuple[str, ...]
    story: Words


PLANTED: Final = (
    Planted(
        "merged",
        2024,
        ("jiukeshu", "tuqiao"),
        ("liyuan",),
        {
            "zh": "合成情节：九棵树与土桥之间的梨园新房入市，两处连成一片。",
            "en": "Invented: new flats let at Liyuan join Jiukeshu and Tuqiao into one place.",
        },
    ),
    Planted(
        "vanished",
        2025,
        ("xibeiwang",),
        (),
        {
            "zh": "合成情节：西北旺的村庄出租房腾退，租客迁出。",
            "en": "Invented: the villages at Xibeiwang stop letting rooms and the tenants leave.",
        },
    ),
    Planted(
        "appeared",
        2024,
        (),
        ("ciqu",),
        {
            "zh": "合成情节：次渠的人才公寓建成入住。",
            "en": "Invented: rental housing for young workers opens at Ciqu.",
        },
    ),
    Planted(
        "moved",
        2023,
        ("fatou",),
        ("fatou-south",),
        {
            "zh": "合成情节：垡头的租客随新建公寓向东南移约一公里。",
            "en": "Invented: at Fatou new flats draw the tenants a kilometre to the south-east.",
        },
    ),
    Planted(
        "split",
        2025,
        ("huilongguan",),
        ("longze", "huoying"),
        {
            "zh": "合成情节：回龙观中部租金上涨，租客分向龙泽与霍营两端。",
            "en": "Invented: dearer rents amid Huilongguan part its tenants to Longze and Huoying.",
        },
    ),
)
