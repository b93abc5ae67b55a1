"""The words of legends of homes, Chinese and English side by side."""

from __future__ import annotations

from typing import Final

__all__ = ["HOMES"]

HOMES: Final = {
    "legend quotient": {"zh": "区位商（显著者）", "en": "Location quotient, where sure"},
    "legend rent": {"zh": "租金中位数（{unit}）", "en": "Median rent, {unit}"},
    "legend access": {"zh": "步行到地铁站（分钟）", "en": "Minutes on foot to a station"},
    "legend kinds": {"zh": "集聚区类型", "en": "Kinds of place"},
    "legend balance": {"zh": "（居住 − 就业）/ 合计", "en": "Homes less jobs, over both"},
    "rent month": {"zh": "{currency}/月", "en": "{currency} a month"},
    "rent m2": {"zh": "{currency}/平方米·月", "en": "{currency} per m² a month"},
    "rent room": {"zh": "{currency}/间·月", "en": "{currency} a room and month"},
    "kind campus_edge": {"zh": "高校周边", "en": "campus edge"},
    "kind large_estate": {"zh": "大型居住区", "en": "large estate"},
    "kind end_of_line": {"zh": "线路末端", "en": "end of a line"},
    "kind near_magnets": {"zh": "邻近就业磁极", "en": "near the magnets"},
    "kind fringe": {"zh": "城市边缘", "en": "fringe"},
    "kind other": {"zh": "其他", "en": "other"},
    "kind centre": {"zh": "中心", "en": "centre"},
    "kind node": {"zh": "节点", "en": "node"},
    "kind small": {"zh": "小型", "en": "small"},
}
"""Texts by key and language, with gaps to be filled."""
