"""The words of a map page, Chinese and English side by side."""

from __future__ import annotations

from typing import Final

from papers.words import Lang

__all__ = ["CLASSES", "FACTS", "LAYERS", "MAP", "NOT_COMPARABLE", "UNITS", "lines_of"]

_Both = dict[Lang, str]

MAP: Final[dict[str, _Both]] = {
    "zoom_in": {"zh": "放大", "en": "Zoom in"},
    "zoom_out": {"zh": "缩小", "en": "Zoom out"},
    "whole": {"zh": "全图", "en": "Whole area"},
    "graduates": {"zh": "毕业生人数", "en": "Graduates"},
    "persons": {"zh": "人", "en": "persons"},
    "share": {"zh": "占全部", "en": "of all"},
    "none": {"zh": "不显著", "en": "not significant"},
    "hot": {"zh": "热点", "en": "hot"},
    "cold": {"zh": "冷点", "en": "cold"},
    "year": {"zh": "年份", "en": "Year"},
    "play": {"zh": "逐年播放", "en": "Play the years"},
    "pause": {"zh": "暂停", "en": "Pause"},
    "map": {"zh": "毕业生网格地图", "en": "Map of graduates by cell"},
    "name": {"zh": "名称", "en": "Name"},
    "count": {"zh": "毕业生人数", "en": "Graduates"},
    "close": {"zh": "关闭详情", "en": "Close the card"},
    "loading": {"zh": "", "en": ""},
    "layers": {"zh": "图层", "en": "Layers"},
    "method": {"zh": "方法与口径", "en": "Method and definitions"},
    "places": {"zh": "集聚区", "en": "Places"},
    "hint": {
        "zh": "点选表中或地图上的集聚区，查看详情。",
        "en": "Choose a place, here or on the map, to see its card.",
    },
    "empty": {
        "zh": "没有网格显著到足以成为集聚区。",
        "en": "No cell stands out enough to make a place.",
    },
}

LAYERS: Final[dict[str, _Both]] = {
    "cells": {"zh": "网格", "en": "Cells"},
    "places": {"zh": "集聚区", "en": "Places"},
    "rail": {"zh": "地铁线路与车站", "en": "Metro lines and stations"},
    "districts": {"zh": "行政区", "en": "Districts"},
    "campuses": {"zh": "高校", "en": "Campuses"},
    "drift": {"zh": "重心与离散范围", "en": "Centre and spread"},
    "ground": {"zh": "水系、绿地、环路", "en": "Water, parks, ring roads"},
}

CLASSES: Final[dict[str, _Both]] = {
    "work_centre": {"zh": "就业中心", "en": "work centre"},
    "residential_pocket": {"zh": "居住洼地", "en": "residential pocket"},
    "mixed_live_work": {"zh": "职住混合", "en": "mixed live-work"},
    "campus_edge": {"zh": "高校周边", "en": "campus edge"},
}

NOT_COMPARABLE: Final[_Both] = {
    "zh": "与 {year} 年不可比：{reason}",
    "en": "Not comparable with {year}: {reason}",
}

UNITS: Final[dict[str, _Both]] = {
    "count": {"zh": "人", "en": "persons"},
    "density": {"zh": "人/km²", "en": "persons/km²"},
    "share": {"zh": "", "en": ""},
    "surplus": {"zh": "", "en": ""},
}

FACTS: Final[dict[str, _Both]] = {
    "residence": {"zh": "居住的毕业生", "en": "Graduates at home"},
    "work": {"zh": "就业的毕业生", "en": "Graduates at work"},
    "share": {"zh": "占全部", "en": "Share of all"},
    "density": {"zh": "密度", "en": "Density"},
    "area": {"zh": "面积", "en": "Area"},
    "q": {"zh": "显著性", "en": "Significance"},
}


def lines_of(lines: str, lang: Lang) -> str:
    """The lines of a station, which a study parts by semicolons."""
    named = " · ".join(str(lines).split(";"))
    return f"{named} 号线" if lang == "zh" and named.isdecimal() else named
