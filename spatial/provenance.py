"""Provenance: where a file's numbers come from, how they were made, and how to make them again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final, Literal

from spatial.account import account, asking, breaks_beside
from spatial.homes_question import HomesKind
from spatial.question import Question
from spatial.reasons import incomparable
from spatial.steps import LineageRules
from spatial.study import Study
from spatial.two_years import Comparison

__all__ = ["DriftKind", "Kind", "KindBetween", "provenance", "provenance_between"]

KindBetween = Literal["difference", "lineage"]
"""Tables of two years: what changed in each cell, and what became of each place."""
DriftKind = Literal["indicators", "changes"]
"""Tables of all years: every indicator by year, and each against the first year."""
Kind = Literal["cells", "places"] | KindBetween | HomesKind | DriftKind
"""Tables that `spatial.export` writes."""

_COMMANDS: Final = {"cells": "hotspots", "places": "places"}

_MEASURES: Final = {
    "count": "graduates in each cell",
    "density": "graduates per km2 of each cell's own area",
    "share": "graduates per base in each cell, missing where the base is 0 or unknown",
    "surplus": (
        "(observed - expected) / sqrt(expected) graduates in each cell, expected in proportion"
        " to the base"
    ),
}
_EXPECTED: Final = {
    "before": "as many as before",
    "total": "the same share of all graduates as before",
    "base": "as its base predicts, at the city's rate of graduates to base",
}
_STATISTICS: Final = {
    "gi": (
        "Gi* (Ord and Getis 1995), binary weights, the cell itself included; z above 0 is more"
        " than the mean, below 0 fewer"
    ),
    "moran": (
        "local Moran (Anselin 1995), the cell itself left out of its neighbourhood; HH is hot,"
        " LL is cold"
    ),
}


def provenance(
    study: Study, question: Question, *, kind: Literal["cells", "places"], out: str = "FILE"
) -> dict[str, Any]:
    """
    Everything one needs to judge a table, cite it and make it again, as JSON values.

    Parameters
    ----------
    study, question
        What was asked of what.
    kind
        Whether the table holds cells or places.
    out
        Name of the file, as the command that makes it again should write it.
    """
    return account(
        study,
        {"question": question.to_dict()},
        role=question.role,
        method=_method(study, question, kind=kind),
        breaks=breaks_beside(study, question.year),
        command=command(study, question, kind=kind, out=out),
    )


def provenance_between(
    study: Study, comparison: Comparison, *, kind: KindBetween, out: str = "FILE"
) -> dict[str, Any]:
    """
    The same for a table of two years, with the breaks that lie between them.

    A break of the base is among those of a difference wherever the study has a base, since the
    table then holds the change that base predicts.

    Parameters
    ----------
    study, comparison
        What was asked of what.
    kind
        Whether the table holds differences of cells or lineages of places.
    out
        Name of the file that the differences go to.
    """
    return account(
        study,
        {"comparison": comparison.to_dict()},
        role=comparison.role,
        method=_method_between(study, comparison, kind=kind),
        breaks=_breaks_between(study, comparison, kind=kind),
        command=_command_between(study, comparison, out=out),
    )


def command(study: Study, question: Question, *, kind: Literal["cells", "places"], out: str) -> str:
    """The command that makes the file again, run where the study's folder lies."""
    words: list[object] = [
        "--year",
        question.year,
        "--role",
        question.role,
        "--measure",
        question.measure,
    ]
    words += ["--k", question.k, "--alpha", question.alpha]
    if kind == "places":
        words += ["--top", question.top]
    default = Question(year=question.year)
    for name in ("group", "statistic", "chance", "resolution"):
        if (value := getattr(question, name)) != getattr(default, name):
            words += [f"--{name}", value]
    if question.chance == "permutation":
        words += ["--permutations", question.permutations, "--seed", question.seed]
    return asking(study, _COMMANDS[kind], [*words, "--out", out])


def _command_between(study: Study, comparison: Comparison, *, out: str) -> str:
    words: list[object] = ["--years", comparison.first, comparison.second]
    words += ["--role", comparison.role, "--k", comparison.k, "--alpha", comparison.alpha]
    words += ["--top", comparison.top, "--against", comparison.against]
    default = Comparison(first=comparison.first, second=comparison.second)
    for name in ("group", "resolution"):
        if (value := getattr(comparison, name)) != getattr(default, name):
            words += [f"--{name}", value]
    return asking(study, "compare", [*words, "--out", out])


def _method(study: Study, question: Question, *, kind: Literal["cells", "places"]) -> str:
    resolution = question.resolution if question.resolution is not None else study.info.resolution
    chance = "the normal distribution"
    if question.chance == "permutation":
        chance = f"{question.permutations} conditional permutations, seed {question.seed}"
    sentences = [
        f"Value: {_MEASURES[question.measure]}, H3 resolution {resolution}, on every cell of the"
        " study area, zeros included.",
        f"Score: {_STATISTICS[question.statistic]}; neighbours within"
        f" {question.k} step{'s' if question.k > 1 else ''}.",
        f"Chance: two-sided p from {chance}; q by Benjamini and Hochberg (1995); hot or cold"
        f" where q <= {question.alpha}.",
    ]
    if kind == "places":
        sentences.append(
            f"Places: the {question.top} most prominent peaks of the smoothed graduates, each with"
            " the connected cells above its highest saddle to any other; class by our own rule."
        )
    return " ".join(sentences)


def _method_between(study: Study, comparison: Comparison, *, kind: KindBetween) -> str:
    resolution = comparison.resolution
    if resolution is None:
        resolution = study.info.resolution
    first, second = comparison.first, comparison.second
    hot = (
        f"Hot and cold cells of either year: {_STATISTICS['gi']}; neighbours within"
        f" {comparison.k} step{'s' if comparison.k > 1 else ''}; q <= {comparison.alpha}."
    )
    if kind == "difference":
        return (
            f"Change: graduates of {second} less those of {first} in each cell, H3 resolution"
            f" {resolution}, on every cell of the study area, zeros included; expected in"
            f" {second}: {_EXPECTED[comparison.against]}. Chance: two-sided p of two Poisson counts"
            " given their sum (Przyborowski and Wilenski 1940), each divided by a dispersion"
            " estimated from the cells; q by Benjamini and Hochberg (1995); noise where q >"
            f" {comparison.alpha}; shrunk by an empirical Bayes weight (Clayton and Kaldor 1987)."
            " Recoded: a fall beside an equal rise, a hint and no finding."
            f" {hot}"
        )
    against = "before" if comparison.against == "before" else "total"
    rules = ", ".join(f"{name} {value}" for name, value in asdict(LineageRules()).items())
    return (
        f"Lineages: the {comparison.top} most prominent places of each year from {first} to"
        f" {second}, H3 resolution {resolution}, matched by the graduates they share and compared"
        f" in fixed cells; expected of each: {_EXPECTED[against]}. A verdict other than steady"
        " needs a change beyond noise at a chance shared out over all tests (Bonferroni), and a"
        f" least size; rules, ours: {rules}. {hot}"
    )


def _breaks_between(
    study: Study, comparison: Comparison, *, kind: KindBetween
) -> list[dict[str, Any]]:
    years, role = (comparison.first, comparison.second), comparison.role
    based = kind == "difference" and all(study.has_base(role, year) for year in years)
    found = incomparable(
        study,
        *years,
        role=role,
        group=comparison.group,
        against="base" if based else "before",
    )
    return [
        {"after": one.after, "before": one.before, "series": one.series, "reason": one.reason}
        for one in found
    ]
