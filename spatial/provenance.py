"""Provenance: where a file's numbers come from, how they were made, and how to make them again."""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal

from spatial.question import Question
from spatial.study import Study

__all__ = ["Kind", "provenance"]

Kind = Literal["cells", "places"]

_PACKAGE: Final = Path(__file__).resolve().parent
_COMMANDS: Final[dict[Kind, str]] = {"cells": "hotspots", "places": "places"}
_PACKAGES: Final = ("gradmap", "h3", "h3ronpy", "geopandas", "numpy", "pandas", "pyogrio", "scipy")

_MEASURES: Final = {
    "count": "graduates in each cell",
    "density": "graduates per km2 of each cell's own area",
    "share": "graduates per base in each cell, missing where the base is 0 or unknown",
    "surplus": (
        "(observed - expected) / sqrt(expected) graduates in each cell, expected in proportion"
        " to the base"
    ),
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
    study: Study, question: Question, *, kind: Kind, out: str = "FILE"
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
    info = study.info
    return {
        "study": info.name,
        "title": info.title,
        "study_digest": study.digest,
        "synthetic": info.synthetic,
        "modelled": list(info.modelled),
        "question": question.to_dict(),
        "definition": info.definitions.get(question.role, {}),
        "method": _method(study, question, kind=kind),
        "breaks": _breaks(study, question),
        "command": command(study, question, kind=kind, out=out),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "created": created().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": info.source.name,
        "source_url": info.source.url,
        "licence": info.source.licence,
        "citation": info.source.citation,
    }


def created() -> datetime:
    """Now, in UTC; or SOURCE_DATE_EPOCH, where that is set, so that files can be equal."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not given:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"SOURCE_DATE_EPOCH must be whole seconds since 1970, found {given}"
        ) from None


def command(study: Study, question: Question, *, kind: Kind, out: str) -> str:
    """The command that makes the file again, run where the study's folder lies."""
    folder = study.path.resolve()
    packaged = folder.is_relative_to(_PACKAGE)
    name = study.info.name if packaged else folder.name
    words: list[object] = ["gradmap", _COMMANDS[kind], name]
    words += ["--year", question.year, "--role", question.role, "--measure", question.measure]
    words += ["--k", question.k, "--alpha", question.alpha]
    if kind == "places":
        words += ["--top", question.top]
    default = Question(year=question.year)
    for name in ("group", "statistic", "chance", "resolution"):
        if (value := getattr(question, name)) != getattr(default, name):
            words += [f"--{name}", value]
    if question.chance == "permutation":
        words += ["--permutations", question.permutations, "--seed", question.seed]
    asking = shlex.join(map(str, [*words, "--out", out]))
    # The sample that comes with the package is first given a folder of its own.
    return f"gradmap sample {shlex.quote(name)} && {asking}" if packaged else asking


def _method(study: Study, question: Question, *, kind: Kind) -> str:
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


def _breaks(study: Study, question: Question) -> list[dict[str, Any]]:
    """Breaks beside the question's year: it must not be compared across them."""
    return [
        {"after": one.after, "before": one.before, "series": one.series, "reason": one.reason}
        for one in study.info.breaks
        if question.year in (one.after, one.before)
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
