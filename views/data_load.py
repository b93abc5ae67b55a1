"""Loads of the wizard: the file through a guarded reader, the result onto the shelf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spatial.info import Source, StudyInfo
from spatial.ingest import InputError
from spatial.ingest.guard import read_safely
from spatial.rent_store import add_rents
from spatial.shelf import changed, shelf
from spatial.store import add_counts, add_layer
from spatial.store_flows import add_flows
from spatial.study import Study
from views.data_ask import Asked

__all__ = ["load", "save"]


def load(path: Path, asked: Asked) -> Any:  # noqa: ANN401 - one kind of result a sort
    """
    What a file gives, read in a process of its own.

    Raises
    ------
    InputError
        When the file is refused, in one sentence.
    """
    options, sort = dict(asked.options), asked.sort
    if sort in ("points", "grid", "zones"):
        more: dict[str, Any] = {"columns": dict(asked.columns), "resolution": asked.resolution}
        return read_safely(f"load_{sort}", path, **options, **more)
    if sort == "raster":
        role = next(iter(asked.columns))
        return read_safely("load_raster", path, resolution=asked.resolution, role=role)
    if sort == "stations":
        return read_safely("load_stations", path, **options)
    if sort == "listings":
        return read_safely("load_listings", path, year=asked.year, **options)
    if sort == "flows":
        return read_safely(
            "load_flows", path, year=asked.year, resolution=asked.resolution, **options
        )
    raise InputError(f"a file must hold something known, found {sort}")


def save(found: Any, asked: Asked) -> Study:  # noqa: ANN401 - as of `load`
    """The study on the shelf with what was read; the state before can be brought back."""
    return changed(shelf(), asked.study, lambda folder: _written(folder, found, asked))


def _written(folder: Path, found: Any, asked: Asked) -> Study:  # noqa: ANN401
    info = StudyInfo(
        name=asked.study,
        resolution=asked.resolution,
        title={"en": asked.study, "zh": asked.study},
        source=Source(**asked.source),
        threshold=asked.threshold,
        audit=_entries(found, asked),
    )
    if asked.sort == "stations":
        return add_layer(folder, "stations", found.layer)
    if asked.sort == "listings":
        return add_rents(folder, found.layer, audit=found.audit.to_dict())
    if asked.sort == "flows":
        return add_flows(folder, info, found)
    return add_counts(folder, info, found.counts.assign(year=asked.year, base=np.nan))


def _entries(found: Any, asked: Asked) -> tuple[dict[str, Any], ...]:  # noqa: ANN401
    if asked.sort in ("stations", "listings", "flows"):
        return ()
    crs = asked.options.get("crs", "")
    return tuple(
        {
            "role": role,
            "year": asked.year,
            "crs": crs,
            "column": asked.columns.get(role, ""),
            **audit.to_dict(),
        }
        for role, audit in found.audit.items()
    )
