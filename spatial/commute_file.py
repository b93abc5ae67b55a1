"""The commute as a file: every indicator with its unit, definition, source and provenance."""

from __future__ import annotations

import json
import tempfile
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from spatial.account import account, asking, breaks_beside
from spatial.areas import Area
from spatial.commute_notes import FLOW_SERIES
from spatial.commute_question import ReportQuestion
from spatial.commute_report import CommuteReport
from spatial.export import ExportError
from spatial.formats import WRITERS
from spatial.study import Study

__all__ = ["check_json_target", "commute_bytes", "commute_json", "write_json"]


def commute_json(
    study: Study, report: CommuteReport, asked: ReportQuestion, *, out: str
) -> dict[str, Any]:
    """
    A report with everything one needs to judge it, cite it and make it again, as JSON values.

    Parameters
    ----------
    study, report, asked
        What was asked, and the answer.
    out
        Name of the file, as the command that makes it again should write it.
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
        **asked.to_dict(),
    }
    told = _account(study, report, asked, question, out=out)
    found: dict[str, Any] = _plain(
        {
            "study": told.pop("study"),
            "synthetic": told.pop("synthetic"),
            "question": told.pop("question"),
            "observed": report.observed,
            "years_with_flows": list(report.years),
            "indicators": _rows(report.indicators),
            "bands": {"unit": report.unit, "rows": report.bands.to_dict("records")},
            "notes": list(report.notes),
            "provenance": told,
        }
    )
    return found


def commute_bytes(
    report: CommuteReport, study: Study, asked: ReportQuestion, *, name: str
) -> bytes:
    """The JSON file `name` of a report, for a browser to save: that which the command writes."""
    return _bytes(commute_json(study, report, asked, out=name))


def check_json_target(path: Path) -> None:
    """
    Raise ExportError when a JSON file cannot go to `path`, before any work is done.

    Its ending must be .json, and its folder must be there.
    """
    if path.suffix.lower() != ".json":
        raise ExportError(
            f"indicators go to a .json file, flows to {', '.join(WRITERS)}, found {path.name}"
        )
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
    try:
        with tempfile.TemporaryDirectory(prefix=".gradmap.", dir=path.resolve().parent) as folder:
            draft = Path(folder) / path.name
            draft.write_bytes(_bytes(found))
            draft.replace(path)
    except OSError as fault:
        raise ExportError(f"{path} cannot be written: {fault.strerror or fault}") from fault


def _bytes(found: dict[str, Any]) -> bytes:
    text = json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()


def _account(
    study: Study,
    report: CommuteReport,
    asked: ReportQuestion,
    question: dict[str, Any],
    *,
    out: str,
) -> dict[str, Any]:
    words = ["--year", report.year, "--side", report.side, *asked.options(report.area)]
    return account(
        study,
        {"question": question},
        role="flows",
        method=_method(report, asked),
        breaks=breaks_beside(study, report.year, series=FLOW_SERIES),
        command=asking(study, "commute", [*words, "--out", out]),
    )


def _outline(area: Area) -> dict[str, Any]:
    return {"outline": json.loads(shapely.to_geojson(area.shape) or "null")}


def _method(report: CommuteReport, asked: ReportQuestion) -> str:
    whose = "live" if report.side == "residence" else "work"
    earth = "the mean sphere of radius 6371.0088 km" if asked.sphere else "the WGS-84 ellipsoid"
    return (
        f"Everybody who {whose}s in the area counts once, with the distance on {earth} from home"
        " to job, wherever the other end lies. low and high: 95 % interval of"
        f" {asked.draws} draws of whole neighbourhoods (H3 ancestors, seed"
        f" {asked.seed}); of separation, maximum and what follows from them, guaranteed"
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
