"""Robustness files: how often each place is found again, as CSV or JSON with its provenance."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from spatial.account import account, asking, breaks_beside
from spatial.commute_file import write_json
from spatial.export import ExportError
from spatial.formats import write_csv
from spatial.question import Question
from spatial.robustness import MOSTLY, SURE, Robustness, robustness
from spatial.study import Study
from spatial.variants import Shift, variants_of

__all__ = [
    "ROBUSTNESS_FORMATS",
    "check_robustness_target",
    "robustness_again",
    "robustness_json",
    "write_robustness",
]

ROBUSTNESS_FORMATS: Final = (".csv", ".json")
"""Endings of the files that can be written."""


def robustness_json(
    study: Study, found: Robustness, *, shift: Shift = "own", out: str = ""
) -> dict[str, Any]:
    """
    A row a place, every variant, and the provenance, as JSON values.

    Parameters
    ----------
    study, found
        What was asked, and the answer.
    shift
        Which resolutions were asked on shifted grids, as it was asked.
    out
        Name of the file, as the command that makes it again should write it; empty for none.
    """
    told = _provenance(study, found, shift=shift, out=out)
    rows: Any = _rows(found).to_dict("records")
    for row in rows:
        row["missed"] = [
            number for number, again in found.again.loc[row["id"]].items() if not again
        ]
    return {
        "study": told.pop("study"),
        "synthetic": told.pop("synthetic"),
        "question": told.pop("question"),
        "varied": told.pop("varied"),
        "places": rows,
        "variants": [one.to_dict() for one in found.variants],
        "provenance": told,
    }


def check_robustness_target(path: Path) -> None:
    """Raise ExportError when robustness cannot go to `path`, before any work is done."""
    if path.suffix.lower() not in ROBUSTNESS_FORMATS:
        raise ExportError(
            f"robustness must end in {' or '.join(ROBUSTNESS_FORMATS)}, found {path.name}"
        )
    if not path.resolve().parent.is_dir():
        raise ExportError(f"the folder of {path} must be there, found none")


def write_robustness(
    study: Study, found: Robustness, path: Path, *, shift: Shift = "own"
) -> list[Path]:
    """
    The files written, as the ending of `path` says; all or none. CSV has its provenance beside.

    Raises
    ------
    ExportError
        When the ending is unknown or a file cannot be written.
    """
    check_robustness_target(path)
    if path.suffix.lower() == ".json":
        write_json(robustness_json(study, found, shift=shift, out=path.name), path)
        return [path]
    try:
        with tempfile.TemporaryDirectory(prefix=".gradmap.", dir=path.resolve().parent) as folder:
            bare, told = _layer(study, found, shift=shift, out=path.name)
            write_csv(bare, Path(folder) / path.name, told, "robustness")
            # Described before it is there: a table without its provenance is never seen.
            names = sorted((one.name for one in Path(folder).iterdir()), key=len, reverse=True)
            for name in names:
                (Path(folder) / name).replace(path.with_name(name))
    except OSError as fault:
        raise ExportError(f"{path} cannot be written: {fault.strerror or fault}") from fault
    return [path.with_name(name) for name in reversed(names)]


def robustness_again(
    study: Study, told: Mapping[str, Any], *, shift: Shift, out: str
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """
    The rows of a CSV and their provenance, made again from what the provenance says was varied.

    Raises
    ------
    QuestionError
        When it names a value that is out of its range.
    """
    question, varied = Question.from_dict(told["question"]), told["varied"]
    variants = variants_of(
        study,
        question,
        resolutions=varied["resolution"],
        ks=varied["k"],
        alphas=varied["alpha"],
        shift=shift,
    )
    return _layer(study, robustness(study, question, variants), shift=shift, out=out)


def _layer(
    study: Study, found: Robustness, *, shift: Shift, out: str
) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """The rows as a CSV takes them, which has no shapes, and their provenance."""
    rows = _rows(found)
    told = _provenance(study, found, shift=shift, out=out)
    told["variants"] = [one.to_dict() for one in found.variants]
    return gpd.GeoDataFrame(rows, geometry=[None] * len(rows), crs=4326), told


def _rows(found: Robustness) -> pd.DataFrame:
    rows = found.table.reset_index()
    rows.insert(list(rows.columns).index("found") + 1, "variants", len(found.variants))
    rows["survives"] = rows["survives"].round(4)
    rows["held_least"] = found.held.min(axis=1).reindex(rows["id"]).round(4).to_numpy()
    return rows


def _provenance(study: Study, found: Robustness, *, shift: Shift, out: str) -> dict[str, Any]:
    question = found.question
    return account(
        study,
        {"question": question.to_dict(), "varied": found.varied},
        role=question.role,
        method=_method(found),
        breaks=breaks_beside(study, question.year),
        command=asking(study, "robustness", [*_options(found, shift), *(_out(out))]),
    )


def _out(name: str) -> list[str]:
    return ["--out", name] if name else []


def _options(found: Robustness, shift: Shift) -> list[object]:
    question = found.question
    words: list[object] = ["--year", question.year, "--role", question.role, "--k", question.k]
    words += ["--alpha", question.alpha, "--top", question.top]
    default = Question(year=question.year)
    for name in ("group", "measure", "statistic", "chance", "resolution"):
        if (value := getattr(question, name)) != getattr(default, name):
            words += [f"--{name}", value]
    if question.chance == "permutation":
        words += ["--permutations", question.permutations, "--seed", question.seed]
    asked = [one.question for one in found.variants]
    for option, name in (("--resolutions", "resolution"), ("--ks", "k"), ("--alphas", "alpha")):
        words += [option, ",".join(map(str, sorted({getattr(one, name) for one in asked})))]
    return [*words, "--shift", shift]


def _method(found: Robustness) -> str:
    varied = found.varied
    shifted = (
        f"the grid shifted in {len(varied['offset']) - 1} directions, everybody moved by whole"
        " cells of the study before they go to coarser ones"
        if found.shifted
        else "no grid shifted"
    )
    return (
        f"Each place of the question is looked for in {len(found.variants)} variants: H3"
        f" resolution {_listed(varied['resolution'])}, neighbourhoods of {_listed(varied['k'])}"
        f" steps, false discovery rate {_listed(varied['alpha'])}, {shifted}. It is found again"
        " where one place of the variant holds at least half of its graduates, and of no other"
        f" place's graduates more. sure: in at least {SURE:.0%} of the variants; mostly: in at"
        f" least {MOSTLY:.0%}; else shaky; thresholds, ours. held_least: the smallest part of its"
        " graduates that one place of a variant holds."
    )


def _listed(values: list[Any]) -> str:
    return ", ".join(map(str, values))
