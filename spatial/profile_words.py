"""Words of a profile: what its sections, indicators, units and kinds are called."""

from __future__ import annotations

from typing import Final

from spatial.info import Words

__all__ = ["INDICATOR_WORDS", "KIND_WORDS", "PAGE_WORDS", "SECTION_WORDS", "UNIT_WORDS"]


def _in(en: str, zh: str) -> Words:
    return {"en": en, "zh": zh}


SECTION_WORDS: Final[dict[str, Words]] = {
    "people": _in("Graduates", "高校毕业生"),
    "base": _in("Against the base", "与基数相比"),
    "crossing": _in("Who crosses", "流入与流出"),
    "residents": _in("Commutes of those who live here", "居住者的通勤"),
    "workers": _in("Commutes of those who work here", "就业者的通勤"),
    "rail": _in("Rail", "轨道交通"),
    "rent": _in("Rent", "租金"),
    "places": _in("Places inside", "区内集聚区"),
    "come_from": _in("Where those who come in live", "流入者的居住地"),
    "go_to": _in("Where those who go out work", "流出者的就业地"),
}
INDICATOR_WORDS: Final[dict[str, Words]] = {
    "area_km2": _in("Area of the cells", "网格面积"),
    "graduates_home": _in("Graduates at home", "居住地毕业生数"),
    "graduates_work": _in("Graduates at work", "就业地毕业生数"),
    "share_home": _in("Share of all at home", "占全部居住人数比重"),
    "share_work": _in("Share of all at work", "占全部就业人数比重"),
    "density_home": _in("Density at home", "居住密度"),
    "density_work": _in("Density at work", "就业密度"),
    "jobs_per_home": _in("Jobs per home", "职住比"),
    "base_home": _in("All residents", "居住人口基数"),
    "base_work": _in("All jobs", "就业岗位基数"),
    "lq_home": _in("Location quotient at home", "居住区位商"),
    "lq_work": _in("Location quotient at work", "就业区位商"),
    "self_containment": _in("Self-containment", "自容率"),
    "inflow": _in("Inflow", "流入"),
    "outflow": _in("Outflow", "流出"),
    "mean_distance_km": _in("Mean distance", "平均通勤距离"),
    "median_distance_km": _in("Median distance", "通勤距离中位数"),
    "share_within_5km": _in("Within 5 km", "5公里以内比重"),
    "mean_minutes": _in("Mean time one way", "平均单程通勤时间"),
    "share_within_45min": _in("Within 45 minutes", "45分钟以内比重"),
    "homes_near_rail": _in("Homes within 800 m of a station", "居住地800米内有车站"),
    "rail_coverage_800m": _in("Both ends within 800 m of a station", "轨道800米覆盖通勤比重"),
    "near_rail_home": _in("Graduates at home within 800 m", "居住地毕业生800米覆盖率"),
    "near_rail_work": _in("Graduates at work within 800 m", "就业地毕业生800米覆盖率"),
    "stations": _in("Stations", "车站数"),
    "stations_inside": _in("Stations inside", "区内车站数"),
    "station_from_middle": _in("from the middle of its graduates", "距毕业生重心距离"),
    "median_rent": _in("Median rent", "租金中位数"),
    "zone_rent": _in("Mean rent of zones", "分区租金均值"),
    "place_residence": _in("Home", "居住"),
    "place_work": _in("Work", "就业"),
    "partner": _in("Graduates", "毕业生数"),
}
UNIT_WORDS: Final[dict[str, Words]] = {
    "people": _in("", "人"),
    "people per km2": _in("per km²", "人/平方公里"),
    "km2": _in("km²", "平方公里"),
    "km": _in("km", "公里"),
    "m": _in("m", "米"),
    "min": _in("min", "分钟"),
    "count": _in("", "座"),
}
KIND_WORDS: Final[dict[str, Words]] = {
    "campus_edge": _in("campus edge", "高校周边"),
    "large_estate": _in("large estate", "大型居住区"),
    "end_of_line": _in("end of a line", "线路末端"),
    "near_magnets": _in("near the magnets", "邻近就业磁极"),
    "fringe": _in("fringe", "城市边缘"),
    "other": _in("other", "其他"),
    "centre": _in("centre", "中心"),
    "node": _in("node", "节点"),
    "small": _in("small", "小型"),
    # What was measured, where a rule fired.
    "campus_km": _in("{} km to a campus", "距高校{}公里"),
    "end_stations": _in("{} stops to the end of a line", "距线路末端{}站"),
    "density_ratio": _in("{} times the density of the middle place", "密度为中位集聚区的{}倍"),
    "gazetteer": _in("so named by the gazetteer", "地名录如此标注"),
    "magnet_minutes": _in("{} minutes to a magnet (modelled)", "到就业磁极{}分钟（模型估算）"),
    "magnet_km": _in("{} km to a magnet", "距就业磁极{}公里"),
    "nearer_share": _in("{} of the base lives nearer to the centre", "{}的基数人口居住更近中心"),
    "base_density_ratio": _in("{} of the middle resident's density", "为中位居民密度的{}"),
    "share": _in("{} of all graduates at work", "占全部就业毕业生{}"),
    "jobs_to_homes": _in("its share of jobs is {} times that of homes", "就业占比为居住占比的{}倍"),
}
PAGE_WORDS: Final[dict[str, Words]] = {
    "title": _in("{name}, {year}", "{name}，{year}年"),
    "synthetic": _in("Synthetic sample: nobody was counted.", "合成样例数据，并非实测。"),
    "indicator": _in("Indicator", "指标"),
    "value": _in("Value", "数值"),
    "interval": _in("95 % interval", "95%区间"),
    "note": _in("Note", "说明"),
    "year": _in("Year", "年份"),
    "all_kinds": _in("all kinds", "全部类型"),
    "modelled": _in("modelled", "模型估算"),
    "marks": _in(
        "* modelled, not observed. A year in brackets is that of the data, where it is another.",
        "* 模型估算，并非实测。括号内为数据年份（与所问年份不同时）。",
    ),
    "lacks": _in("The study does not have: {list}.", "本研究缺少：{list}。"),
    "comma": _in(", ", "、"),
    "source": _in("Source", "来源"),
    "licence": _in("licence", "许可"),
    "made": _in(
        "Study digest {digest}; made {when} by gradmap {version}:",
        "研究摘要 {digest}；{when} 由 gradmap {version} 生成：",
    ),
    "drawn": _in("a drawn area", "所绘范围"),
    "method": _in(
        "Cells whose centre lies in the area are its own. Quotients: graduates over those that"
        " the base leads one to expect at the rate of all cells, with Garwood's exact 95 %"
        " interval. Intervals of flows: 95 % of {draws} draws of whole neighbourhoods (seed"
        " {seed}); of rents: order statistics of the median. Near rail: 800 m in a straight line"
        " from the centre of the cell, or, of flows, from their own ends. Places: peaks at H3"
        " resolution {resolution}, with kinds by our own rules. Minutes come from a model.",
        "中心落在范围内的网格计入该范围。区位商为毕业生数与按全部网格比率由基数推算之数的比值，"
        "区间为Garwood精确95%区间。通勤流区间取整片邻域{draws}次重抽样的95%（种子{seed}），"
        "租金区间取中位数的次序统计量。轨道覆盖按直线800米，自网格中心或通勤流自身端点量起。"
        "集聚区在H3分辨率{resolution}上识别，类型规则由本项目自定。通勤时间为模型估算。",
    ),
    "month": _in("{currency} a month", "{currency}/月"),
    "bare_month": _in("a month", "/月"),
}
