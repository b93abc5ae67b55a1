"""Reasons: why two years, or two studies, are not to be compared as if they were one series."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from spatial import cells as h3cells
from spatial.change import Yardstick
from spatial.info import Break, Words
from spatial.schema import Measure, Role
from spatial.study import Study

__all__ = ["Against", "Reason", "incomparable", "incomparable_studies"]

Against = Literal[
    "break", "source", "definition", "geography", "resolution", "threshold", "synthetic"
]

_LANGUAGES: Final = ("zh", "en")
_ALIKE = 0.5  # part of the cells of either study area that must lie in both


@dataclass(frozen=True)
class Reason:
    """
    One reason against a comparison.

    Parameters
    ----------
    kind
        What differs.
    reason
        In one sentence of each language, zh and en.
    series
        What it touches: graduates, a role, a group or base; empty where all.
    after, before
        Of a break, the two successive years it lies between; None otherwise.
    """

    kind: Against
    reason: Words = field(hash=False)
    series: str = ""
    after: int | None = None
    before: int | None = None


def incomparable(
    study: Study,
    first: int,
    second: int,
    *,
    role: Role,
    group: str = "all",
    measure: Measure = "count",
    against: Yardstick = "before",
) -> list[Reason]:
    """
    The breaks that a comparison of two years crosses, earliest first; empty where it crosses none.

    A break counts where it touches what is compared: "graduates", the role, the group (any of
    them where all graduates are counted, who are their sum), and "base" where the measure (share,
    surplus) or the yardstick (base) makes use of it.

    Parameters
    ----------
    study, role, group, measure, against
        What is compared.
    first, second
        The two years, in any order.
    """
    touched = _touched(study, role, group, measure, against)
    between = study.break_between(first, second)
    found = [_of_break(one) for one in between if one.series in touched]
    return sorted(found, key=lambda one: (one.after or 0, one.series))


def incomparable_studies(
    one: Study,
    other: Study,
    *,
    role: Role,
    group: str = "all",
    measure: Measure = "count",
    against: Yardstick = "before",
) -> list[Reason]:
    """
    What speaks against comparing a role of two studies: whatever they say of it differently.

    Looked at are the source, the definition of each series compared, the place and the study
    area (less than half of the cells of both in common), the resolution of the counts, the
    threshold below which counts were suppressed, and whether the counts are synthetic.
    """
    touched = sorted(_touched(one, role, group, measure, against))
    names = _titles(one), _titles(other)
    found = []
    a, b = one.info, other.info
    if (a.source.name, a.source.url) != (b.source.name, b.source.url):
        sources = [info.source.name or info.source.url or "?" for info in (a, b)]
        found.append(_reason("source", sources, sources))
    found += [
        _reason("definition", [series], [series], series=series)
        for series in touched
        if a.definitions.get(series, {}) != b.definitions.get(series, {})
    ]
    if a.place != b.place or not _overlap(one, other):
        found.append(_reason("geography", *zip(*names, strict=True)))
    if a.resolution != b.resolution:
        found.append(_reason("resolution", *[[a.resolution, b.resolution]] * 2))
    if a.threshold != b.threshold:
        found.append(_reason("threshold", *[[a.threshold, b.threshold]] * 2))
    if a.synthetic != b.synthetic:
        invented = names[0] if a.synthetic else names[1]
        found.append(_reason("synthetic", [invented[0]], [invented[1]]))
    return found


_SENTENCES: Final[dict[Against, Words]] = {
    "source": {
        "zh": "两项研究的数据来源不同：{}；{}。",
        "en": "The two studies come from different sources: {}; {}.",
    },
    "definition": {
        "zh": "两项研究对“{}”的定义不同。",
        "en": 'The two studies define "{}" differently.',
    },
    "geography": {
        "zh": "两项研究的范围不同：{}；{}。",
        "en": "The two studies cover different areas: {}; {}.",
    },
    "resolution": {
        "zh": "两项研究的网格精细程度不同：H3 {} 级与 {} 级。",
        "en": "The two studies count on cells of different size: H3 resolution {} and {}.",
    },
    "threshold": {
        "zh": "两项研究隐去小数的阈值不同：{} 与 {}。",
        "en": "The two studies suppress counts below different thresholds: {} and {}.",
    },
    "synthetic": {
        "zh": "{}是合成数据，另一项研究不是。",
        "en": "{} is synthetic and the other study is not.",
    },
}


def _reason(kind: Against, zh: object, en: object, *, series: str = "") -> Reason:
    sentence = _SENTENCES[kind]
    words = {"zh": sentence["zh"].format(*zh), "en": sentence["en"].format(*en)}  # type: ignore[misc]
    return Reason(kind, words, series)


def _of_break(one: Break) -> Reason:
    """A break in the study's own words; a plain sentence where it gives none."""
    plain = {
        "zh": f"{one.after}年与{one.before}年的“{one.series}”口径不同，不可直接比较。",
        "en": f'"{one.series}" of {one.after} and of {one.before} are not comparable.',
    }
    words = {language: one.reason.get(language) or plain[language] for language in _LANGUAGES}
    return Reason("break", words, one.series, one.after, one.before)


def _touched(
    study: Study, role: Role, group: str, measure: Measure, against: Yardstick
) -> set[str]:
    """Series that a comparison makes use of."""
    groups = [one.id for one in study.info.groups] if group == "all" else [group]
    base = ["base"] if measure in ("share", "surplus") or against == "base" else []
    return {"graduates", role, *groups, *base}


def _titles(study: Study) -> tuple[str, str]:
    """What a study is called, in zh and in en."""
    title = study.info.title
    return (title.get("zh") or study.info.name, title.get("en") or study.info.name)


def _overlap(one: Study, other: Study) -> bool:
    """Whether the two study areas have at least half of their cells in common."""
    if not len(one.area) or not len(other.area):
        return len(one.area) == len(other.area)
    resolution = min(one.info.resolution, other.info.resolution)
    a, b = (np.unique(h3cells.parents(each.area, resolution=resolution)) for each in (one, other))
    both = len(np.intersect1d(a, b, assume_unique=True))
    return both >= _ALIKE * (len(a) + len(b) - both)
