"""The words of two years side by side, Chinese and English: for the screen and for its page."""

from __future__ import annotations

from typing import Final

__all__ = ["CHANGE"]

CHANGE: Final[dict[str, dict[str, str]]] = {
    "role residence": {"zh": "居住地", "en": "Residence"},
    "role work": {"zh": "就业地", "en": "Workplace"},
    "comparable": {
        "zh": "两图同一色标；{first} 与 {year} 年口径一致，可比",
        "en": "One scale for both maps; nothing speaks against comparing {first} and {year}",
    },
    "not comparable short": {"zh": "不可比", "en": "Not comparable"},
    "of the years": {
        "zh": "下表与差异图始终为 {first} 与 {second} 年。",
        "en": "The table and the difference are of {first} and {second} throughout.",
    },
    "view": {"zh": "显示方式", "en": "View"},
    "view side": {"zh": "并排", "en": "Side by side"},
    "view swipe": {"zh": "卷帘", "en": "Swipe"},
    "view difference": {"zh": "差异", "en": "Difference"},
    "here": {"zh": "此处", "en": "here"},
    "swipe": {"zh": "左右拖动比较两年", "en": "Swipe between the years"},
    "persons": {"zh": "人", "en": "persons"},
    "beyond": {"zh": "与期望之差", "en": "Change beyond expectation"},
    "row beyond": {
        "zh": "{all} 个网格中有 {cells} 个的变化超出噪声",
        "en": "{cells} of {all} cells changed beyond noise",
    },
    "row recoded": {
        "zh": "{cells} 个网格疑似改计到相邻网格",
        "en": "{cells} cells look re-coded to a neighbour",
    },
    "recoded": {"zh": "疑似改计到相邻网格", "en": "looks re-coded to a neighbouring cell"},
    "drift work": {"zh": "毕业生岗位", "en": "graduates' jobs"},
    "drift residence": {"zh": "毕业生居住", "en": "graduates' homes"},
    "drift none": {
        "zh": "{first} 至 {last} 年{who}格局未变：各项变化均在噪声之内。",
        "en": "From {first} to {last}, {who} kept their shape: no change stands beyond noise.",
    },
    "drift": {
        "zh": "{first} 至 {last} 年{who}{changes}。",
        "en": "From {first} to {last}, {who} {changes}.",
    },
    "dispersed": {"zh": "更分散", "en": "dispersed"},
    "concentrated": {"zh": "更集中", "en": "concentrated"},
    "outward": {"zh": "外移 {km} km", "en": "moved outward by {km} km"},
    "inward": {"zh": "内移 {km} km", "en": "moved inward by {km} km"},
    "rose": {
        "zh": "{sector}部占比上升 {points} 个百分点",
        "en": "rose by {points} points in the {sector}",
    },
    "fell": {
        "zh": "{sector}部下降 {points} 个百分点",
        "en": "fell by {points} points in the {sector}",
    },
    "story steady": {
        "zh": "{name}保持稳定：{first} 年 {before} 人，{last} 年 {after} 人。",
        "en": "{name} held steady: {before} in {first}, {after} in {last}.",
    },
    "story grew": {
        "zh": "{name}各年变化都不显著，合计增长：{first} 年 {before} 人，{last} 年 {after} 人。",
        "en": "{name} grew little by little: {before} in {first}, {after} in {last}.",
    },
    "story shrank": {
        "zh": "{name}各年变化都不显著，合计收缩：{first} 年 {before} 人，{last} 年 {after} 人。",
        "en": "{name} shrank little by little: {before} in {first}, {after} in {last}.",
    },
    "story": {"zh": "{name}：{events}。", "en": "{name}: {events}."},
    "semicolon": {"zh": "；", "en": "; "},
    "became appeared": {"zh": "{year} 年新增，{after} 人", "en": "appeared by {year} with {after}"},
    "became grew": {
        "zh": "至 {year} 年增长 {percent}，达 {after} 人",
        "en": "grew by {percent} to {after} by {year}",
    },
    "became shrank": {
        "zh": "至 {year} 年减少 {percent}，为 {after} 人",
        "en": "shrank by {percent} to {after} by {year}",
    },
    "became moved": {"zh": "{year} 年前迁移 {km} km", "en": "moved {km} km by {year}"},
    "became split": {"zh": "{year} 年前自{other}分出", "en": "split off from {other} by {year}"},
    "became merged": {"zh": "{year} 年前并入{other}", "en": "merged into {other} by {year}"},
    "became vanished": {
        "zh": "{year} 年前消失（原 {before} 人）",
        "en": "vanished by {year}, from {before}",
    },
    "trend few": {
        "zh": "{years} 年中有 {shown} 年列入；{years} 年的趋势检验 p 值最小只能到 {p}，"
        "故不下趋势结论。",
        "en": "Shown in {shown} of {years} years; a trend over {years} years could reach p = {p} at"
        " best, so none is claimed.",
    },
    "trend many": {
        "zh": "{years} 年中有 {shown} 年列入；趋势经检验（p 值最小可到 {p}）。",
        "en": "Shown in {shown} of {years} years; trends are tested (p = {p} at best).",
    },
    "cell hot": {"zh": "{years} 年中有 {hot} 年为热点", "en": "hot in {hot} of {years} years"},
    "cell new": {
        "zh": "{year} 年起为热点，年数不足以检验（p 值最小 {p}）",
        "en": "new since {year}, not testable (p = {p} at best)",
    },
    "cell former": {"zh": "至 {year} 年为热点", "en": "was hot until {year}"},
    "emerging new": {"zh": "新增热点", "en": "new hotspot"},
    "emerging consecutive": {"zh": "连续热点", "en": "consecutive hotspot"},
    "emerging intensifying": {"zh": "增强热点", "en": "intensifying hotspot"},
    "emerging persistent": {"zh": "持续热点", "en": "persistent hotspot"},
    "emerging diminishing": {"zh": "减弱热点", "en": "diminishing hotspot"},
    "emerging sporadic": {"zh": "零散热点", "en": "sporadic hotspot"},
    "emerging oscillating": {"zh": "振荡热点", "en": "oscillating hotspot"},
    "emerging historical": {"zh": "历史热点", "en": "historical hotspot"},
    "column became": {"zh": "去向", "en": "What happened"},
    "lineage none": {"zh": "两年均未发现集聚区。", "en": "No place was found in either year."},
    "against share": {
        "zh": "增长、收缩与稳定均相对其占全部毕业生的份额而言。",
        "en": "Grew, shrank and steady are told against a place's share of all graduates.",
    },
    "since": {"zh": "{year} 年起", "en": "since {year}"},
    "gone": {"zh": "{year} 年已无", "en": "gone by {year}"},
    "moved km": {"zh": "{km} km，{year} 年", "en": "{km} km, {year}"},
    "split from": {"zh": "自{place}，{year} 年", "en": "from {place}, {year}"},
    "merged into": {"zh": "并入{place}，{year} 年", "en": "into {place}, {year}"},
    "overlap": {"zh": "重叠 {overlap}", "en": "overlap {overlap}"},
}
