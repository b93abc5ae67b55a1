"""What the Beijing sample says of itself, in Chinese and English."""

from __future__ import annotations

from typing import Final

from spatial.info import Break, Figure, Group, Pay, Published, Source, StudyInfo
from spatial.sources.beijing import geography, metro, terrain

__all__ = ["INFO"]

_WORKERS: Final = {"zh": "全体就业者", "en": "all workers"}
_NEW: Final = {"zh": "应届高校毕业生", "en": "new graduates"}

# Median monthly pay in Beijing by sector, first quarter of 2025, yuan.
_PAY: Final = (
    Pay("integrated_circuits", {"zh": "集成电路", "en": "integrated circuits"}, 16403.0),
    Pay("finance", {"zh": "金融", "en": "finance"}, 15523.0),
    Pay("digital", {"zh": "数字经济", "en": "digital"}, 15322.0),
    Pay("software", {"zh": "软件", "en": "software"}, 14640.0),
    Pay("new_energy_vehicles", {"zh": "新能源汽车", "en": "new-energy vehicles"}, 14102.0),
    Pay("manufacturing", {"zh": "高端制造", "en": "high-end manufacturing"}, 13800.0),
    Pay("medicine", {"zh": "医药健康", "en": "medicine"}, 13382.0),
    Pay("sci_tech", {"zh": "科技服务", "en": "sci-tech services"}, 12976.0),
    Pay("green_energy", {"zh": "绿色能源", "en": "green energy"}, 12459.0),
    Pay("professional", {"zh": "专业服务", "en": "professional services"}, 11987.0),
    Pay("culture", {"zh": "文化", "en": "culture"}, 10614.0),
    Pay("trade", {"zh": "商贸", "en": "trade"}, 9774.0),
    Pay("household", {"zh": "居民服务", "en": "household services"}, 8234.0),
)

INFO: Final = StudyInfo(
    name="beijing-sample",
    resolution=9,
    title={"zh": "北京 · 合成样例", "en": "Beijing · synthetic sample"},
    place={"zh": "北京", "en": "Beijing"},
    centre=terrain.CENTRE,
    groups=(
        Group("stayers", {"zh": "留京", "en": "Stayers"}),
        Group("arrivals", {"zh": "进京", "en": "Arrivals"}),
    ),
    source=Source(
        name="Gradmap synthetic sample",
        licence="Apache-2.0",
        citation="Gradmap synthetic sample of Beijing graduates, 2022-2025: made by code from a"
        " seed to agree with published totals; not measured.",
    ),
    definitions={
        "residence": {
            "zh": "当年新就业高校毕业生按居住地计数，人。",
            "en": "Graduates who took up work that year, counted where they live.",
        },
        "work": {
            "zh": "当年新就业高校毕业生按就业地计数，人。",
            "en": "Graduates who took up work that year, counted where they work.",
        },
        "base": {
            "zh": "居住地一端为全部常住人口（各区等于2020年人口普查），"
            "就业地一端为全部就业人员（各区等于公布数）。",
            "en": "All residents (districts as in the 2020 census) for homes, all employees"
            " (districts as published) for workplaces.",
        },
        "stayers": {
            "zh": "在京高校毕业并留京工作的毕业生。",
            "en": "Graduates of Beijing universities who stay to work in Beijing.",
        },
        "arrivals": {
            "zh": "在外地高校毕业后进京工作的毕业生。",
            "en": "Graduates of universities elsewhere who come to work in Beijing.",
        },
    },
    synthetic=True,
    breaks=(
        Break(
            2023,
            2024,
            "base",
            {
                "zh": "2024年起就业人员改按新口径统计（如西城区由128.4万人变为117.5万人），"
                "前后两年的就业人员不可直接比较。",
                "en": "Employees are counted on a new basis from 2024 (Xicheng: 1.284 million"
                " before, 1.175 million after), so the two years' employees do not compare.",
            },
        ),
    ),
    currency={"zh": "元", "en": "yuan"},
    rent_edges=(1500, 2000, 3000, 4500, 6000),
    pay=_PAY,
    figures=(
        Figure(
            "gdp_100m_yuan",
            {"zh": "地区生产总值（2024年）", "en": "GDP (2024)"},
            {"zh": "亿元", "en": "100 million yuan"},
        ),
        Figure(
            "employees_10k",
            {"zh": "就业人员（2024年）", "en": "employees (2024)"},
            {"zh": "万人", "en": "10 000 persons"},
        ),
        Figure(
            "talents_10k",
            {"zh": "人才（2024年）", "en": "talents (2024)"},
            {"zh": "万人", "en": "10 000 persons"},
        ),
    ),
    published=(
        Published("separation_km", 6.57, 2020, "", _WORKERS),
        Published("separation_km", 7.0, 2024, "", _WORKERS),
        Published("share_within_45min", 0.76, 2022, "", _WORKERS),
        Published("share_within_45min", 0.8, 0, ">", _NEW),
        Published("mean_distance_km", 10.0, 0, ">", _NEW),
        Published("homes_near_rail", 0.4, 0, ">", _NEW),
    ),
    notes={
        "published": {
            "zh": "公布值来自实测信令与实际路径，多为全体就业者；此处为合成的毕业生，距离按直线、"
            "时间按模型，网格与范围也不同，因此两者不必一致。",
            "en": "The published values rest on observed signals and routes, mostly of all workers;"
            " here the graduates are synthetic, distances straight, times modelled, and cells and"
            " extent differ, so the two need not agree.",
        },
        "synthetic": {
            "zh": "本数据由程序依据种子合成，只在总量与公布的规律上与实际相符，"
            "任何网格的数值都不是观测值。",
            "en": "Made by code from a seed: totals and published findings are honoured, and no"
            " cell's figure was ever observed.",
        },
        "totals": {
            "zh": "2024年留京8.4万人、合计21.0万人与公布或推算数一致；"
            "2022、2023、2025年按公布的区间与趋势内插或外推。",
            "en": "84 000 stayers and 210 000 in all in 2024 as published or derived; 2022, 2023"
            " and 2025 are set within the published ranges and trends.",
        },
        "base": {
            "zh": "常住人口各年均取2020年人口普查；2022、2023年就业人员为旧口径，"
            "除西城区外按西城区的新旧比例推算。",
            "en": "Residents are those of the 2020 census in every year; employees of 2022 and"
            " 2023 are on the old basis, outside Xicheng by Xicheng's ratio of old to new.",
        },
        "stay_rate": {
            "zh": "官方“留京率”公布至2019年，此后的留京人数与之口径不同，不可接续。",
            "en": "Official stay rates end with 2019; later numbers of stayers rest on other"
            " definitions and do not continue them.",
        },
        "flows": {
            "zh": "每名毕业生由重力模型抽取一处居住网格和一处就业网格，"
            "居住与就业计数即其边际合计。",
            "en": "Each graduate has one home and one work cell, drawn from a gravity model; the"
            " counts are the sums of these flows.",
        },
        "rents": {
            "zh": "租金房源为合成数据，围绕各片区的大致租金水平生成。",
            "en": "Rent listings are synthetic, drawn around a rough rent of each neighbourhood.",
        },
        "pay": {
            "zh": "月薪为2025年第一季度北京各行业中位数，元。",
            "en": "Pay is the median a month by sector in Beijing, first quarter of 2025, yuan.",
        },
        "ground": {"zh": "地理要素为本项目概略绘制，WGS-84。", "en": geography.DRAWN},
        "metro": {"zh": "轨道交通为本项目概略绘制，WGS-84。", "en": metro.DRAWN},
    },
)
