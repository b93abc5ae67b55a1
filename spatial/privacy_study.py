"""A whole study suppressed: what may be handed on, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from spatial.privacy import with_threshold
from spatial.schema import LAYERS, SchemaError
from spatial.store import write_study
from spatial.study import Study

__all__ = ["suppress_study"]


def suppress_study(study: Study, path: str | Path, *, threshold: int, groups: bool = True) -> Study:
    """
    The study at `path` with its small counts gone and all its layers.

    Parameters
    ----------
    study
        What is suppressed; it stays as it is.
    path
        Another folder.
    threshold
        Smallest count that may be told, in people.
    groups
        Whether groups are told apart. Without them fewer people are hidden: a cell shows its
        graduates even where one of the groups is small.

    Raises
    ------
    SchemaError
        When the folder is the study's own, or the threshold is under its own.
    """
    if Path(path).resolve() == study.path.resolve():
        raise SchemaError(f"{path}: a suppressed study goes to another folder, found its own")
    info = with_threshold(study.info, threshold, groups=groups)
    flows: pd.DataFrame | None = study.flows if study.has("flows") else None
    layers = {name: study.layer(name) for name in LAYERS if study.has(name)}
    return write_study(path, info, study.counts, flows=flows, layers=layers)
