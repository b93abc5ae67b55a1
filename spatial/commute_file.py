"""The commute as a file: every indicator with its unit, definition, source and provenance."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from spatial import provenance
from spatial.areas import Area
from spatial.commute_notes import breaks_beside
from spatial.commute_report import CommuteReport
from spatial.export import ExportError
from spatial.schema import Role
from spatial.study import Study

__all__ = ["check_json_target", "commute_json", "write_json"]


def commute_json(
    study: Study, report: CommuteReport, *, asked: dict[str, Any], options: list[object]
) -> dict[str, Any]:
    """
    A report with everything one needs to judge it, cite it and make it again, as JSON values.

    Parameters
    ----------
    study, report
        What was asked, and the answer.
    asked
        The question, as whoever asked put it: bands, sphere, draws, seed.
    options
        Of `gradmap commute`, those that make the file again.
    """
    area = report.area
    question = {
        "year": report.year,
        "area": {
            "kind": area.kind,
            "id": area.id,
            "name": area.name,
            "name_en": area.name_en,
            # A district can be looked up; what was drawn is nowhere else.
            **(_outline(area) if area.kind == "drawn" else {}),
        },
        "side": report.side,
        **asked,
    }
    account = _account(study, report, question, options)
    found: dict[str, Any] = _plain(
        {
            "study": account.pop("study"),
            "synthetic": account.pop("synthetic"),
            "question": account.pop("question"),
            "observed": report.observed,
            "years_with_flows": list(report.years),
            "indicators": _rows(report.indicators),
            "bands": {"unit": report.unit, "rows": report.bands.to_dict("records")},
            "notes": list(report.notes),
            "provenance": account,
        }
    )
    return found


def check_json_target(path: Path) -> None:
    """
    Raise ExportError when a JSON file cannot go to `path`, before any work is done.

    Its ending must be .json, and its folder must be there.
    """
    if path.suffix.lower() != ".json":
        raise ExportError(f"the commute goes to a .json file, found {path.name}")
    if not path.resolve().parent.is_dir():
        raise ExportError(f"the folder of {path} must be there, found none")


def write_json(found: dict[str, Any], path: Path) -> None:
    """
    The values as a JSON file, moved into place when it is whole.

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    try:
        with tempfile.TemporaryDirectory(prefix=".gradmap.", dir=path.resolve().parent) as folder:
            draft = Path(folder) / path.name
            draft.write_text(text, encoding="utf-8")
            draft.replace(path)
    except OSError as fault:
        raise ExportError(f"{path} cannot be written: {fault.strerror or fault}") from fault


def _account(
    study: Study, report: CommuteReport, question: dict[str, Any], options: list[object]
) -> dict[str, Any]:
    role: Role = report.side
    account = provenance._account(
        study,
        {"question": question},
        role=role,
        method=_method(report, question),
        breaks=[asdict(one) for one in breaks_beside(study, report.year)],
        command=provenance._asking(study, "commute", options),
    )
    # Whom the flows count, which need not be whom the counts of one role do.
    return account | {"definition": study.info.definitions.get("flows", {})}


def _outline(area: Area) -> dict[str, Any]:
    return {"outline": json.loads(shapely.to_geojson(area.shape) or "null")}


def _method(report: CommuteReport, question: dict[str, Any]) -> str:
    whose = "live" if report.side == "residence" else "work"
    earth = (
        "the mean sphere of radius 6371.0088 km"
        if question.get("sphere")
        else "the WGS-84 ellipsoid"
    )
    return (
        f"Everybody who {whose}s in the area counts once, with the distance on {earth} from home"
        " to job, wherever the other end lies. low and high: 95 % interval of"
        f" {question.get('draws')} draws of whole neighbourhoods (H3 ancestors, seed"
        f" {question.get('seed')}); of separation, maximum and what follows from them, guaranteed"
        " bounds. null: not known, or of nobody."
    )


def _rows(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): row for name, row in zip(table.index, table.to_dict("records"), strict=True)}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    """The same as JSON has it: NaN and infinity are null, numbers of NumPy are plain."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and not isfinite(value) else value
