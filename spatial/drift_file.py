"""Files of drift: every indicator by year and every change, taken away with how they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from spatial.account import account, asking
from spatial.drift import Drift, drift
from spatial.export import Download, export_layers, export_layers_bytes
from spatial.provenance import DriftKind, Kind
from spatial.study import Study

__all__ = [
    "DRIFT_KINDS",
    "drift_again",
    "drift_provenance",
    "drift_table",
    "export_drift",
    "export_drift_bytes",
]

DRIFT_KINDS: Final[tuple[DriftKind, ...]] = get_args(DriftKind)
"""Tables of drift: every indicator by year, and each against the first year."""

_METHOD: Final = (
    "Indicators: graduates; Gini coefficient, entropy (bits) and evenness over cells{thinned};"
    " weighted centre east and north of the study's, standard ellipse, mean distance to the centre;"
    " shares of eight sectors and of rings. Intervals of a year: people counted one by one"
    " (Poisson, delta method). Intervals of a change: blocks of cells, H3 resolution {blocks},"
    " drawn anew {resamples} times, seed {seed} (Davison and Hinkley 1997)."
)
_COLUMNS: Final = {
    "year": "year of observation",
    "since": "the year it is held against",
    "indicator": "unit in its name; shares, gini and evenness 0 to 1, entropy in bits",
    "value": "in the indicator's unit",
    "change": "later less earlier, in the indicator's unit",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
}


def drift_table(found: Drift, kind: DriftKind) -> pd.DataFrame:
    """The years or the changes of a drift, as they are taken away."""
    table = found.years if kind == "indicators" else found.changes
    return table.reset_index(drop=True).astype({"indicator": "str"})


def export_drift(
    study: Study,
    found: Drift,
    path: str | Path,
    *,
    seed: int,
    kinds: Sequence[DriftKind] = DRIFT_KINDS,
) -> list[Path]:
    """
    The files written, where `export_layers` puts them.

    Parameters
    ----------
    study, found, seed
        What was measured of what, and the seed of its draws.
    path
        Of a format that can hold tables without shapes.
    kinds
        Tables to write.

    Raises
    ------
    ExportError
        When the format needs shapes, or the file cannot be written.
    """
    layers, told = _layers(study, found, seed, kinds, Path(path).name)
    return export_layers(layers, path, provenance=told)


def export_drift_bytes(
    study: Study,
    found: Drift,
    name: str,
    *,
    seed: int,
    kinds: Sequence[DriftKind] = DRIFT_KINDS,
) -> Download:
    """As `export_drift`, for a browser to save; several files come in one ZIP."""
    layers, told = _layers(study, found, seed, kinds, name)
    return export_layers_bytes(layers, name, provenance=told)


def drift_provenance(
    study: Study, found: Drift, kind: DriftKind, *, seed: int, out: str
) -> dict[str, Any]:
    """Provenance of a table of drift, as JSON values."""
    asked = {"role": found.role, "group": found.group}
    draws = {"resamples": found.resamples, "seed": seed}
    words = ["--role", found.role, *(["--group", found.group] * (found.group != "all"))]
    words += [word for name, value in draws.items() for word in (f"--{name}", str(value))]
    table = drift_table(found, kind)
    return account(
        study,
        {
            "drift": {"table": kind, **asked, **draws},
            "columns": {str(name): _COLUMNS[str(name)] for name in table},
        },
        role=found.role,
        method=_METHOD.format(
            thinned=", at the total of the year with fewest people" if found.thinned else "",
            blocks=found.block_resolution,
            **draws,
        ),
        breaks=[
            {"after": one.after, "before": one.before, "series": one.series, "reason": one.reason}
            for one in found.breaks
        ],
        command=asking(study, "drift", [*words, "--out", out]),
    )


def drift_again(
    study: Study, asked: Mapping[str, Any], *, out: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table that provenance speaks of under "drift", measured again, and its provenance."""
    rng = np.random.default_rng(int(asked["seed"]))
    how = {name: asked[name] for name in ("role", "group", "resamples")}
    kind: Literal["indicators", "changes"] = asked["table"]
    if kind not in DRIFT_KINDS:
        raise KeyError("table")
    found = drift(study, rng=rng, **how)
    told = drift_provenance(study, found, kind, seed=int(asked["seed"]), out=out)
    return drift_table(found, kind), told


def _layers(
    study: Study, found: Drift, seed: int, kinds: Sequence[DriftKind], out: str
) -> tuple[dict[Kind, pd.DataFrame], dict[Kind, dict[str, Any]]]:
    layers: dict[Kind, pd.DataFrame] = {kind: drift_table(found, kind) for kind in kinds}
    told: dict[Kind, dict[str, Any]] = {
        kind: drift_provenance(study, found, kind, seed=seed, out=out) for kind in kinds
    }
    return layers, told
