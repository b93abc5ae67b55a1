"""Provenance of siting files: what a ranking was made by, and the command that makes it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from spatial.account import asking
from spatial.criterion import Criterion
from spatial.provenance import Kind, provenance
from spatial.question import Question
from spatial.rent_listings import listing_year
from spatial.schema import Role
from spatial.siting_criteria import CRITERIA
from spatial.siting_setting import Setting, rent_per
from spatial.study import Study

__all__ = ["siting_provenance"]


def siting_provenance(
    study: Study,
    setting: Setting,
    criteria: Sequence[Criterion],
    missing: Mapping[str, str],
    *,
    kind: Kind,
    rows: int,
    out: str,
) -> dict[str, Any]:
    """
    Provenance of a siting file: everything its ranking was made by, as JSON values.

    Parameters
    ----------
    study, setting, criteria, missing
        What was asked, and what the study could not tell.
    kind
        "cells", or "places" for sites.
    rows
        Of the table.
    out
        Name of the file, as the command that makes it again should write it.
    """
    role: Role = "residence" if setting.year in study.years_of("residence") else "work"
    asked = Question(year=setting.year, role=role, resolution=setting.resolution)
    told = provenance(study, asked, kind="cells", out=out)
    told.pop("question")
    used = [one.id for one in criteria if one.weight > 0]
    if "work_minutes" in used and "minutes" not in told["modelled"]:
        told["modelled"] = [*told["modelled"], "minutes"]
    siting = {
        "table": "cells" if kind == "cells" else "sites",
        "rows": rows,
        "setting": setting.to_dict(),
        "rent_per": rent_per(study, setting),
        "rent_year": listing_year(study, setting.year) if len(study.layer("rents")) else None,
        "criteria": [one.to_dict() for one in criteria],
        "definitions": {name: CRITERIA[name] for name in used if name in CRITERIA},
        "missing": dict(missing),
    }
    method = _method(setting, kind=kind)
    command = _command(study, setting, criteria, kind=kind, out=out)
    return {**told, "siting": siting, "method": method, "command": command}


def _method(setting: Setting, *, kind: Kind) -> str:
    sentences = [
        "Score: mean of the criteria's own scores, weighted by their weights; each is linear from"
        " 0 at its worst value to 1 at its best. Beyond a limit, or without a value where no"
        " neutral score is stated, a cell is excluded and has no rank. Equal scores: more"
        " graduates first, then the smaller cell id.",
        f"Stays: share of {setting.draws} random weightings (Dirichlet, seed {setting.seed}, their"
        f" mean the given weights) in which a row is among the best {setting.top}.",
    ]
    if kind != "cells":
        sentences.insert(
            0,
            "Sites: the best cell and the cells connected with it that score little less, then"
            " the next best that does not touch; judged by the medians of their cells' values.",
        )
    return " ".join(sentences)


def _command(
    study: Study, setting: Setting, criteria: Sequence[Criterion], *, kind: Kind, out: str
) -> str:
    """The command that makes the file again; of a drawn area the outline is in the setting."""
    words: list[object] = ["--year", setting.year]
    default = Setting(year=setting.year)
    for field in fields(Setting):
        value = getattr(setting, field.name)
        if field.name != "outline" and value != getattr(default, field.name):
            words += [f"--{field.name.replace('_', '-')}", value]
    for one in (one for one in criteria if one.id != "inside"):
        words += _options(one)
    words += ["--cells"] if kind == "cells" else []
    return asking(study, "siting", [*words, "--out", out])


def _options(one: Criterion) -> list[object]:
    """A criterion as the options that set it; the limit of one that is not used stays unsaid."""
    if not one.weight:
        return ["--weight", f"{one.id}=0"]
    found = {"weight": one.weight if one.scored else 0, "limit": one.limit, "neutral": one.neutral}
    words: list[object] = ["--range", f"{one.id}={_exact(one.worst)}:{_exact(one.best)}"]
    for option, value in found.items():
        words += [f"--{option}", f"{one.id}={'none' if value is None else _exact(value)}"]
    return words


def _exact(value: float) -> str:
    """The shortest text that reads as the same number."""
    return repr(float(value)).removesuffix(".0")
