"""The words of printed pages, Chinese and English side by side, and numbers as each writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from papers.brief_words import BRIEF
from papers.change_words import CHANGE
from papers.homes_words import HOMES

__all__ = ["LANGUAGES", "WORDS", "Lang", "WordsError", "count", "edge", "say", "signed", "told"]

Lang = Literal["zh", "en"]
LANGUAGES: Final[tuple[Lang, ...]] = ("zh", "en")
_WAN: Final = 10_000
_THIN: Final = "\u202f"


class WordsError(ValueError):
    """A language that pages are not written in."""


def told(key: str, lang: Lang, **values: Any) -> str:  # noqa: ANN401 - whatever a text has room for
    """
    The text of `key` in a language, its gaps filled.

    Raises
    ------
    WordsError
        When the language is none of `LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise WordsError(f"lang must be {' or '.join(LANGUAGES)}, found {lang}")
    return WORDS[key][lang].format(**values)


def say(words: Mapping[str, str], lang: Lang) -> str:
    """A study's own text in a language, else in any it has."""
    return words.get(lang) or next((text for text in words.values() if text), "")


def count(number: float, lang: Lang) -> str:
    """A count as readers write it: 2.7 万 in Chinese from ten thousand on, else 27 410."""
    if lang == "zh" and abs(number) >= _WAN:
        return f"{number / _WAN:.1f} 万"
    digits = 1 if 0 < abs(number) < 10 and number % 1 else 0
    return f"{number:,.{digits}f}".replace(",", _THIN)


def signed(value: float, unit: str = "", *, digits: int = 1) -> str:
    """A change with its sign, a true minus; what rounds to nothing has none."""
    text = f"{value:+.{digits}f}"
    plain = text.lstrip("+-")
    return (plain if not plain.strip("0.") else text.replace("-", "−")) + unit


def edge(number: float, lang: Lang) -> str:
    """A class edge, as short as it can be: 4万, 2.5k, 500, 0.25."""
    if lang == "zh" and abs(number) >= _WAN:
        return f"{number / _WAN:g}万"
    if lang == "en" and abs(number) >= 1000:
        return f"{number / 1000:g}k"
    return f"{number:g}"


WORDS: Final[dict[str, dict[str, str]]] = {
    **BRIEF,
    **CHANGE,
    **HOMES,
    "title work": {
        "zh": "{place}高校毕业生就业地分布，{year}年",
        "en": "Where graduates work in {place}, {year}",
    },
    "title residence": {
        "zh": "{place}高校毕业生居住地分布，{year}年",
        "en": "Where graduates live in {place}, {year}",
    },
    "of group": {"zh": "（{group}）", "en": " ({group})"},
    "sentence work": {
        "zh": "{year} 年，{places} 处集聚区容纳了 {share} 的毕业生岗位，最大的是{name}。",
        "en": "In {year}, {places} places hold {share} of graduates' jobs; the largest is {name}.",
    },
    "sentence residence": {
        "zh": "{year} 年，{places} 处集聚区居住着 {share} 的毕业生，最大的是{name}。",
        "en": "In {year}, {places} places hold {share} of graduates' homes; the largest is {name}.",
    },
    "sentence none": {
        "zh": "{year} 年，按所选指标没有突出的集聚区。",
        "en": "In {year}, no place stands out by the chosen measure.",
    },
    "tag": {
        "zh": "合成样例数据：非实测，不可作为依据",
        "en": "Synthetic sample: nobody was counted",
    },
    "modelled": {"zh": "含模型估算：{what}", "en": "Modelled: {what}"},
    "quiet": {
        "zh": "毕业生 {total}人；每格约 {area} km²，H3 {resolution} 级",
        "en": "{total} graduates; cells of {area} km² on average, H3 resolution {resolution}",
    },
    "legend work": {"zh": "就业人数 / 网格", "en": "Graduates at work, per cell"},
    "legend residence": {"zh": "居住人数 / 网格", "en": "Graduates at home, per cell"},
    "legend density": {"zh": "毕业生密度（人/km²）", "en": "Graduates per km²"},
    "legend share": {"zh": "占全部人口或就业的比重", "en": "Share of base"},
    "legend surplus": {"zh": "超出基数的程度", "en": "Surplus over base"},
    "row place": {
        "zh": "集聚区边界（显著，q < {alpha}）",
        "en": "Place (significant, q < {alpha})",
    },
    "legend verdict": {"zh": "历年演变", "en": "What became of places"},
    "legend lines": {
        "zh": "流线：粗端为居住地，细端为就业地",
        "en": "From home (wide) to work (narrow)",
    },
    "legend bus": {"zh": "定制公交（模型估算）", "en": "Bus lines, modelled"},
    "legend catchment residence": {
        "zh": "就业于此者的居住地（每网格）",
        "en": "Homes of those who work here, per cell",
    },
    "legend catchment work": {
        "zh": "居住于此者的就业地（每网格）",
        "en": "Jobs of those who live here, per cell",
    },
    "legend score": {"zh": "得分（0–1）", "en": "Score, 0 to 1"},
    "within noise": {"zh": "变化不显著", "en": "within noise"},
    "direction in": {"zh": "流入就业", "en": "Come in to work"},
    "direction out": {"zh": "流出就业", "en": "Go out to work"},
    "direction through": {"zh": "往来通勤", "en": "Between any two places"},
    "row station": {"zh": "地铁站", "en": "Metro station"},
    "list": {"zh": "集聚区：人数、占比", "en": "Places: graduates, share"},
    "list of": {"zh": "（{shown} / {all} 处）", "en": " ({shown} of {all})"},
    "north": {"zh": "北", "en": "N"},
    "km": {"zh": "公里", "en": "km"},
    "ratio": {"zh": "比例尺约 1 : {number}", "en": "About 1 : {number}"},
    "inset": {"zh": "图幅位置", "en": "Where this map lies"},
    "note": {"zh": "{head}：{text}", "en": "{head}: {text}"},
    "head source": {"zh": "数据来源", "en": "Source"},
    "head counted": {"zh": "统计口径", "en": "Counted"},
    "head method": {"zh": "方法", "en": "Method"},
    "head breaks": {"zh": "口径变化", "en": "Breaks"},
    "head map": {"zh": "底图与投影", "en": "Map"},
    "head made": {"zh": "制图", "en": "Made"},
    "head threshold": {"zh": "隐去", "en": "Suppressed"},
    "threshold": {
        "zh": "小于 {threshold} 的数已隐去，不在图上。",
        "en": "counts below {threshold} are left out.",
    },
    "breaks none": {
        "zh": "本图所用序列在 {first}–{last} 年间未声明口径变化。",
        "en": "none is declared for what is mapped, {first}–{last}.",
    },
    "break": {"zh": "{after} 与 {before} 年之间：{reason}", "en": "{after} to {before}: {reason}"},
    "method gi": {
        "zh": (
            "热点为 Gi*（Ord 与 Getis 1995），二值权重含自身，邻域 {k} 环，"
            "{cells} 个网格（含零值）参与检验，错误发现率 {alpha}；"
            "集聚区为平滑人数曲面上突出度最高的至多 {top} 个峰及其相连热点网格。"
        ),
        "en": (
            "hotspots by Gi* (Ord and Getis 1995), binary weights with the cell itself, radius"
            " {k}, {cells} cells tested, zeros included, false discovery rate {alpha}; places are"
            " the up to {top} most prominent peaks of the smoothed counts with the hot cells"
            " connected to them."
        ),
    },
    "method moran": {
        "zh": (
            "热点为局部 Moran 指数（Anselin 1995）的高高聚集，邻域 {k} 环，"
            "{cells} 个网格（含零值）参与检验，错误发现率 {alpha}；"
            "集聚区为平滑人数曲面上突出度最高的至多 {top} 个峰及其相连热点网格。"
        ),
        "en": (
            "hotspots by local Moran (Anselin 1995), high among high, radius {k}, {cells}"
            " cells tested, zeros included, false discovery rate {alpha}; places are the up to"
            " {top} most prominent peaks of the smoothed counts with the hot cells connected to"
            " them."
        ),
    },
    "scale of colours": {
        "zh": "色级各年通用。",
        "en": "One scale of colours for all years.",
    },
    "projection": {
        "zh": (
            "WGS-84，等积正弦投影，中央经线 {lon}°；上为北。"
            "地理要素概略绘制，仅供定位，不作边界依据。"
        ),
        "en": (
            "WGS-84, equal-area sinusoidal about {lon}°; north is up. The ground is generalised,"
            " for orientation, and no authority on boundaries."
        ),
    },
    "made": {
        "zh": "{date}（UTC），Gradmap {version}；数据集摘要 {digest}。重制命令：{command}",
        "en": "{date} (UTC), Gradmap {version}; data set {digest}. Made again by: {command}",
    },
    "full stop": {"zh": "。", "en": "."},
    "licence": {"zh": "许可：{licence}。", "en": "Licence: {licence}."},
    "and tables": {"zh": "图层：{names}。", "en": "Layers: {names}."},
}
