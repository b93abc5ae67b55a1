"""Profile files: JSON, Markdown or CSV, with their provenance inside."""

from __future__ import annotations

import json
import tempfile
from math import isfinite
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np

from spatial.account import account, asking, breaks_beside
from spatial.commute_question import area_options
from spatial.export import ExportError
from spatial.formats import write_csv
from spatial.profile import Profile
from spatial.profile_page import Lang, method_of, profile_page
from spatial.study import Study

__all__ = [
    "PROFILE_FORMATS",
    "check_profile_target",
    "profile_json",
    "profile_provenance",
    "write_profile",
]

PROFILE_FORMATS: Final = (".json", ".md", ".csv")
"""Endings of the files a profile is written to."""


def profile_provenance(
    study: Study, found: Profile, *, out: str = "", lang: Lang = "en"
) -> dict[str, Any]:
    """
    Everything one needs to judge a profile, cite it and make it again, as JSON values.

    Parameters
    ----------
    study, found
        What was asked, and the answer.
    out
        Name of the file, as the command should write it; empty where the page is printed.
    lang
        Of the page.
    """
    area = found.area
    words: list[object] = ["--year", found.year, *area_options(area)]
    words += ["--resolution", found.resolution, "--draws", found.draws, "--seed", found.seed]
    words += ["--lang", lang] if lang != "en" else []
    question = {
        "year": found.year,
        "area": {"kind": area.kind, "id": area.id, "name": area.name, "name_en": area.name_en},
        "resolution": found.resolution,
        "draws": found.draws,
        "seed": found.seed,
    }
    told = account(
        study,
        {"question": question},
        role="flows",
        method=method_of(found),
        breaks=breaks_beside(study, found.year),
        command=asking(study, "profile", [*words, *(["--out", out] if out else [])]),
    )
    known = ("residence", "work", "flows", "base")
    definitions = study.info.definitions
    told["definition"] = {one: definitions[one] for one in known if one in definitions}
    timed = bool(found.table["modelled"].any()) and "minutes" not in told["modelled"]
    return {**told, "modelled": [*told["modelled"], *(["minutes"] if timed else [])]}


def profile_json(study: Study, found: Profile, *, out: str = "") -> dict[str, Any]:
    """The rows, what the study lacks, and the provenance, as JSON values."""
    told = profile_provenance(study, found, out=out)
    records: Any = found.table.to_dict("records")
    return {
        "study": told.pop("study"),
        "synthetic": told.pop("synthetic"),
        "question": told.pop("question"),
        "currency": dict(study.info.currency),
        "rows": [{name: _plain(value) for name, value in row.items()} for row in records],
        "missing": [dict(one) for one in found.missing],
        "provenance": told,
    }


def check_profile_target(path: Path) -> None:
    """Raise ExportError when a profile cannot go to `path`, before any work is done."""
    if path.suffix.lower() not in PROFILE_FORMATS:
        raise ExportError(f"a profile must end in {', '.join(PROFILE_FORMATS)}, found {path.name}")
    if not path.resolve().parent.is_dir():
        raise ExportError(f"the folder of {path} must be there, found none")


def write_profile(study: Study, found: Profile, path: Path, *, lang: Lang = "en") -> list[Path]:
    """
    The files written, as the ending of `path` says; all or none. CSV has its provenance beside.

    Raises
    ------
    ExportError
        When the ending is unknown or a file cannot be written.
    """
    check_profile_target(path)
    try:
        with tempfile.TemporaryDirectory(prefix=".gradmap.", dir=path.resolve().parent) as folder:
            draft = Path(folder) / path.name
            _write(study, found, draft, lang=lang)
            # Described before it is there: a table without its provenance is never seen.
            names = sorted((one.name for one in Path(folder).iterdir()), key=len, reverse=True)
            for name in names:
                (Path(folder) / name).replace(path.with_name(name))
    except OSError as fault:
        raise ExportError(f"{path} cannot be written: {fault.strerror or fault}") from fault
    return [path.with_name(name) for name in reversed(names)]


def _write(study: Study, found: Profile, path: Path, *, lang: Lang) -> None:
    ending = path.suffix.lower()
    told = profile_provenance(study, found, out=path.name, lang=lang)
    if ending == ".csv":
        told |= {"missing": [dict(one) for one in found.missing]}
        bare = gpd.GeoDataFrame(found.table, geometry=[None] * len(found.table), crs=4326)
        write_csv(bare, path, told, "profile")
    elif ending == ".md":
        path.write_text(profile_page(study, found, told, lang=lang), encoding="utf-8")
    else:
        values = profile_json(study, found, out=path.name)
        text = json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False)
        path.write_text(f"{text}\n", encoding="utf-8")


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    """The same as JSON has it: NaN is null, numbers of NumPy are plain."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value
