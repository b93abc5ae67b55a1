"""The words of a brief, Chinese and English side by side."""

from __future__ import annotations

from typing import Final

__all__ = ["BRIEF"]

BRIEF: Final[dict[str, dict[str, str]]] = {
    "brief title residence": {
        "zh": "{place}高校毕业生居住地变化，{first}–{year}年",
        "en": "Where graduates live in {place}, {first} to {year}",
    },
    "brief title work": {
        "zh": "{place}高校毕业生就业地变化，{first}–{year}年",
        "en": "Where graduates work in {place}, {first} to {year}",
    },
    "head findings": {"zh": "主要发现", "en": "Findings"},
    "head two maps": {"zh": "两年对比（同一色标）", "en": "The two years, on one scale of colours"},
    "head difference": {"zh": "变化", "en": "What changed"},
    "head indicators": {"zh": "格局指标及其变化", "en": "Indicators, and how they changed"},
    "head lineage": {"zh": "集聚区历年演变", "en": "Places through the years"},
    "head places": {"zh": "{year}年集聚区", "en": "Places in {year}"},
    "head commute": {"zh": "{year}年通勤", "en": "The commute in {year}"},
    "head rents": {"zh": "{year}年居住地周边租金", "en": "Rents where graduates are, {year}"},
    "head notes": {"zh": "方法、来源与口径", "en": "Method, sources and definitions"},
    "page": {"zh": "第 {page} 页，共 {pages} 页", "en": "Page {page} of {pages}"},
    "not comparable": {
        "zh": "注意：{first} 与 {year} 年口径不同，以下变化不可直接解读。{reason}",
        "en": "Take care: {first} and {year} do not compare, and no change below may be read as"
        " one. {reason}",
    },
    "find total": {
        "zh": "毕业生由 {before}人变为 {after}人（{change}）。",
        "en": "Graduates went from {before} to {after} ({change}).",
    },
    "find places": {
        "zh": "{year} 年 {places} 处集聚区占全部毕业生的 {share}，最大的是{name}（{count}人）；"
        "{first} 年 {places_before} 处占 {share_before}。",
        "en": "In {year}, {places} places hold {share} of all graduates, the largest {name} with"
        " {count}; in {first}, {places_before} places held {share_before}.",
    },
    "find places none": {
        "zh": "{year} 年没有显著的集聚区。",
        "en": "In {year}, no place stands out.",
    },
    "find dispersing yes": {
        "zh": "更分散：基尼系数由 {before} 变为 {after}{interval}。",
        "en": "More dispersed: the Gini over cells went from {before} to {after}{interval}.",
    },
    "find dispersing no": {
        "zh": "更集中：基尼系数由 {before} 变为 {after}{interval}。",
        "en": "More concentrated: the Gini over cells went from {before} to {after}{interval}.",
    },
    "find dispersing not clear": {
        "zh": "是否分散不明确：基尼系数由 {before} 变为 {after}{interval}。",
        "en": "Whether it disperses is not clear: the Gini over cells went from {before} to"
        " {after}{interval}.",
    },
    "find outward yes": {
        "zh": "外移：到市中心的平均距离由 {before} 公里变为 {after} 公里{interval}。",
        "en": "Outward: the mean distance to the centre went from {before} to {after}"
        " km{interval}.",
    },
    "find outward no": {
        "zh": "内移：到市中心的平均距离由 {before} 公里变为 {after} 公里{interval}。",
        "en": "Inward: the mean distance to the centre went from {before} to {after} km{interval}.",
    },
    "find outward not clear": {
        "zh": "是否外移不明确：到市中心的平均距离由 {before} 公里变为 {after} 公里{interval}。",
        "en": "Whether it moves outward is not clear: the mean distance to the centre went from"
        " {before} to {after} km{interval}.",
    },
    "find rises yes": {
        "zh": "{sector}部占比上升最多：由 {before}% 到 {after}%{interval}。",
        "en": "The {sector} rises most: from {before}% to {after}% of all{interval}.",
    },
    "find rises no": {
        "zh": "各方位占比均未上升；变化最小的是{sector}部：由 {before}% 到 {after}%{interval}。",
        "en": "No direction rises; the {sector} falls least, from {before}% to {after}%{interval}.",
    },
    "find rises not clear": {
        "zh": "{sector}部占比上升最多，但不明确：由 {before}% 到 {after}%{interval}。",
        "en": "The {sector} rises most, but not clearly: from {before}% to {after}%{interval}.",
    },
    "find falls yes": {
        "zh": "{sector}部占比下降最多：由 {before}% 到 {after}%{interval}。",
        "en": "The {sector} falls most: from {before}% to {after}% of all{interval}.",
    },
    "find falls no": {
        "zh": "各方位占比均未下降；变化最小的是{sector}部：由 {before}% 到 {after}%{interval}。",
        "en": "No direction falls; the {sector} rises least, from {before}% to {after}%{interval}.",
    },
    "find falls not clear": {
        "zh": "{sector}部占比下降最多，但不明确：由 {before}% 到 {after}%{interval}。",
        "en": "The {sector} falls most, but not clearly: from {before}% to {after}%{interval}.",
    },
    "interval": {
        "zh": "（{change}，95% 区间 {low} 至 {high}）",
        "en": " ({change}; 95% interval {low} to {high})",
    },
    "interval none": {"zh": "（{change}，无法给出区间）", "en": " ({change}; no interval)"},
    "find lineage": {
        "zh": "{years} 年间共 {lineages} 处集聚区：{verdicts}。",
        "en": "Of {lineages} places over the {years} years: {verdicts}.",
    },
    "find cells": {
        "zh": "{all} 个网格中，{more} 个增加、{fewer} 个减少，超出噪声；其余变化不能与偶然区分。",
        "en": "Of {all} cells, {more} gained and {fewer} lost beyond noise; the rest cannot be told"
        " from chance.",
    },
    "find commute": {
        "zh": "{year} 年平均通勤距离 {km} 公里{interval}{minutes}。",
        "en": "In {year} the mean commute is {km} km{interval}{minutes}.",
    },
    "find commute minutes": {
        "zh": "；{share} 的人单程不超过 45 分钟（模型估算）",
        "en": "; {share} take at most 45 minutes one way (modelled)",
    },
    "find bounds": {
        "zh": "{year} 年没有通勤流数据；"
        "现有居住与就业分布下，平均通勤距离至少 {low} 公里、至多 {high} 公里。",
        "en": "No flows are known for {year}; homes and jobs as they lie allow a mean commute of"
        " {low} km at least and {high} km at most.",
    },
    "find rents": {
        "zh": "{year} 年，{share} 的毕业生居住在租金中位数低于 {edge} {unit}的地方。",
        "en": "In {year}, {share} of graduates live where the median rent is under {edge} {unit}.",
    },
    "find rents work": {
        "zh": "{year} 年，{share} 的毕业生就业于租金中位数低于 {edge} {unit}的地方。",
        "en": "In {year}, {share} of graduates work where the median rent is under {edge} {unit}.",
    },
    "unit rent": {"zh": "{currency}/月", "en": "{currency} a month"},
    "legend change": {"zh": "毕业生人数变化 / 网格", "en": "Change in graduates, per cell"},
    "row hatch": {"zh": "斜线：口径不同，不可比", "en": "Hatched: does not compare"},
    "map change": {
        "zh": "超出噪声的变化，{first}–{year}年",
        "en": "Change beyond noise, {first} to {year}",
    },
    "bars": {"zh": "八方位占比变化", "en": "Share of each direction, change"},
    "bars note": {
        "zh": "百分点，95% 区间；区间含零者为浅色",
        "en": "percentage points, 95 % interval; pale where it includes none",
    },
    "column indicator": {"zh": "指标", "en": "Indicator"},
    "column change": {"zh": "变化", "en": "Change"},
    "column interval": {"zh": "95% 区间", "en": "95% interval"},
    "column place": {"zh": "集聚区", "en": "Place"},
    "column verdict": {"zh": "演变", "en": "What happened"},
    "column class": {"zh": "类别", "en": "Class"},
    "column graduates": {"zh": "人数", "en": "Graduates"},
    "column share": {"zh": "占比", "en": "Share"},
    "column cells": {"zh": "网格", "en": "Cells"},
    "column q": {"zh": "q", "en": "q"},
    "column value": {"zh": "数值", "en": "Value"},
    "column band": {"zh": "租金区间", "en": "Rent band"},
    "column bounds": {"zh": "区间或界", "en": "Interval or bounds"},
    "more rows": {"zh": "另有 {rows} 处未列出。", "en": "{rows} more are not listed."},
    "modelled mark": {"zh": "（模型估算）", "en": " (modelled)"},
    "indicator graduates": {"zh": "毕业生，人", "en": "Graduates"},
    "indicator gini": {"zh": "基尼系数（网格间）", "en": "Gini over cells"},
    "indicator distance_km": {
        "zh": "到市中心平均距离，公里",
        "en": "Mean distance to the centre, km",
    },
    "indicator major_km": {"zh": "标准差椭圆长半轴，公里", "en": "Standard ellipse, major, km"},
    "indicator minor_km": {"zh": "标准差椭圆短半轴，公里", "en": "Standard ellipse, minor, km"},
    "indicator east_km": {"zh": "重心偏东，公里", "en": "Centre of graduates, km east"},
    "indicator north_km": {"zh": "重心偏北，公里", "en": "Centre of graduates, km north"},
    "indicator slope": {
        "zh": "对基数的双对数斜率",
        "en": "Log-log slope on the base",
    },
    "commute mean_distance_km": {"zh": "平均通勤距离，公里", "en": "Mean distance, km"},
    "commute median_distance_km": {"zh": "通勤距离中位数，公里", "en": "Median distance, km"},
    "commute share_within_5km": {
        "zh": "幸福通勤（5公里以内）",
        "en": "Happy commute (within 5 km)",
    },
    "commute commuting_radius_km": {"zh": "通勤空间半径，公里", "en": "Commuting radius, km"},
    "commute separation_km": {"zh": "职住分离度，公里", "en": "Jobs-housing separation, km"},
    "commute maximum_km": {
        "zh": "可能的最大平均距离，公里",
        "en": "Greatest mean distance possible, km",
    },
    "commute excess_share": {"zh": "过剩通勤比例", "en": "Excess commuting"},
    "commute mean_minutes": {"zh": "单程平均用时，分钟", "en": "Mean time one way, minutes"},
    "commute share_within_45min": {"zh": "45分钟通勤比重", "en": "Share within 45 minutes"},
    "commute share_over_60min": {
        "zh": "极端通勤（60分钟以上）",
        "en": "Extreme commute (over 60 minutes)",
    },
    "commute homes_near_rail": {
        "zh": "居住地800米内有地铁站",
        "en": "Homes within 800 m of a station",
    },
    "commute rail_coverage_800m": {
        "zh": "轨道800米覆盖通勤比重（两端）",
        "en": "Rail coverage (both ends within 800 m)",
    },
    "verdict appeared": {"zh": "新增", "en": "appeared"},
    "verdict grew": {"zh": "增长", "en": "grew"},
    "verdict steady": {"zh": "稳定", "en": "steady"},
    "verdict shrank": {"zh": "收缩", "en": "shrank"},
    "verdict moved": {"zh": "迁移", "en": "moved"},
    "verdict split": {"zh": "分裂", "en": "split off"},
    "verdict merged": {"zh": "合并", "en": "merged"},
    "verdict vanished": {"zh": "消失", "en": "vanished"},
    "verdict count": {"zh": "{verdict} {number} 处", "en": "{number} {verdict}"},
    "class work_centre": {"zh": "就业中心", "en": "work centre"},
    "class residential_pocket": {"zh": "居住洼地", "en": "residential pocket"},
    "class mixed_live_work": {"zh": "职住混合", "en": "mixed live-work"},
    "class campus_edge": {"zh": "高校周边", "en": "campus edge"},
    "sector N": {"zh": "北", "en": "north"},
    "sector NE": {"zh": "东北", "en": "north-east"},
    "sector E": {"zh": "东", "en": "east"},
    "sector SE": {"zh": "东南", "en": "south-east"},
    "sector S": {"zh": "南", "en": "south"},
    "sector SW": {"zh": "西南", "en": "south-west"},
    "sector W": {"zh": "西", "en": "west"},
    "sector NW": {"zh": "西北", "en": "north-west"},
    "then": {"zh": "，", "en": ", "},
    "comma": {"zh": "、", "en": ", "},
    "method drift": {
        "zh": "格局变化的区间由 {blocks} 个街区块的 {resamples} 次自助抽样得出（种子 {seed}）；"
        "主要发现所用区间更宽，使各项以 95% 的把握同时成立；"
        "基尼系数按人数最少一年的总数稀释后计算。",
        "en": "intervals of changes come from drawing {blocks} blocks of the city anew {resamples}"
        " times (seed {seed}); those in the findings are wider, so that all hold together with"
        " 95 % confidence; the Gini is at the total of the year with fewest people.",
    },
    "method change": {
        "zh": "网格变化按两个泊松计数之和给定时的双侧检验（离散度由网格估计），"
        "错误发现率 {alpha}；"
        "集聚区按共有毕业生逐年匹配，“稳定”以外的判定须超出噪声（对全部检验作 Bonferroni 校正），"
        "增长、收缩与稳定按首末两年判断。",
        "en": "changes of cells by the two-sided test of two Poisson counts given their sum, with"
        " a dispersion estimated from the cells, false discovery rate {alpha}; places of"
        " successive years are matched by the graduates they share, and any verdict but steady"
        " must go beyond noise (Bonferroni over all tests); grew, shrank and steady are told of"
        " the two years together.",
    },
    "method few": {
        "zh": "{years} 个年份的 Mann-Kendall 检验最小 p 为 {p}，故不作趋势判断。",
        "en": "a trend over {years} years could reach p = {p} at best, so none is claimed.",
    },
    "method trend": {
        "zh": "{years} 个年份的 Mann-Kendall 检验最小 p 为 {p}。",
        "en": "a trend over {years} years could reach p = {p} at best.",
    },
    "head drift": {"zh": "格局", "en": "Shape"},
    "head change": {"zh": "变化检验", "en": "Change"},
    "head trend": {"zh": "趋势", "en": "Trend"},
    "head also": {"zh": "说明", "en": "Also"},
}
