"""
What the siting screen takes at 80 000 cells, the literal formula beside it.

    python -m benchmarks.siting [--rounds 5]

Values are made up: six criteria over a hexagon of cells, none excluded unless it is said.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.clock import peak_mb, seconds, turn_by_turn
from benchmarks.table import Row, table
from spatial import cells as h3cells
from spatial.criterion import Criterion
from spatial.neighbours import disk
from spatial.siting import draw_weights, rank, sensitivity
from spatial.siting_criteria import default_criteria
from spatial.siting_setting import Setting, screen_cells, screen_values
from spatial.siting_sites import clusters
from spatial.study import open_study

__all__ = ["rows"]

MIDDLE = (39.93, 116.4)
RADIUS = 163  # 80 197 cells
DRAWS = 1000
TOP = 20
_PEER_DRAWS = 20


def rows(rounds: int = 5) -> list[Row]:
    """Ranking, its sensitivity and its sites, and the values of the packaged sample."""
    values, criteria = _made_up()
    size = f"{len(values):,} cells"
    other = [replace(criteria[0], weight=9.0), *criteria[1:]]
    ours, theirs = turn_by_turn(
        lambda: rank(values, other), lambda: _ranked_by_pandas(values, other), rounds=rounds
    )
    what = f"siting, {size}, six criteria"
    found = [
        Row(f"{what}: one weight changed", "ms", ours * 1e3, theirs * 1e3, "<= 30 ms", "pandas")
    ]

    def drawn() -> pd.Series:
        return sensitivity(values, criteria, draws=DRAWS, top=TOP, rng=np.random.default_rng(1))

    best = min(seconds(drawn) for _ in range(min(rounds, 3)))
    slow = seconds(lambda: _drawn_by_sorting(values, criteria)) * DRAWS / _PEER_DRAWS
    found.append(
        Row(
            f"{what}: {DRAWS:,} weightings",
            "s",
            best,
            slow,
            "<= 3 s",
            "sorting each",
            memory_mb=peak_mb(drawn),
            note=f"the peer from {_PEER_DRAWS} weightings",
        )
    )
    ranked, near = rank(values, criteria), disk(values.index, k=1)
    taken = min(
        seconds(lambda: clusters(ranked, values, criteria, neighbours=near)) for _ in range(rounds)
    )
    found.append(Row(f"{what}: 200 candidate sites", "ms", taken * 1e3, None, ""))
    return [*found, *(_sample(resolution) for resolution in (9, 8))]


def _made_up() -> tuple[pd.DataFrame, list[Criterion]]:
    cells = h3cells.grid_disk(
        h3cells.points_to_cells(*[[one] for one in MIDDLE], resolution=9), k=RADIUS
    )
    rng = np.random.default_rng(1)
    names = [f"c{n}" for n in range(6)]
    values = pd.DataFrame(
        {name: rng.uniform(0, 1, len(cells)) for name in names},
        index=pd.Index(cells, name="cell"),
    )
    values["graduates"] = rng.poisson(3, len(cells)).astype(float)
    return values, [Criterion(id=name, worst=0, best=1, weight=3) for name in names]


def _ranked_by_pandas(values: pd.DataFrame, criteria: Sequence[Criterion]) -> pd.Series:
    """The same ranks as one would write them with pandas."""
    weights = pd.Series({one.id: one.weight for one in criteria})
    own = pd.DataFrame({one.id: one.scores(values[one.id]) for one in criteria})
    score = own.mul(weights / weights.sum()).sum(axis=1).set_axis(values.index)
    frame = pd.DataFrame({"score": score, "graduates": values["graduates"]}).reset_index()
    order = frame.sort_values(["score", "graduates", "cell"], ascending=[False, False, True])
    return pd.Series(np.arange(1, len(order) + 1), index=order["cell"]).reindex(values.index)


def _drawn_by_sorting(values: pd.DataFrame, criteria: Sequence[Criterion]) -> np.ndarray:
    """How often each cell is among the best, all of them sorted for every weighting."""
    own = np.stack([one.scores(values[one.id]) for one in criteria])
    times = np.zeros(len(values))
    for weights in draw_weights(criteria, draws=_PEER_DRAWS, rng=np.random.default_rng(1)):
        times[np.argsort(-(weights @ own), kind="stable")[:TOP]] += 1
    return times


def _sample(resolution: int) -> Row:
    study = open_study(Path(str(files("spatial.sources.beijing") / "study")))
    setting = Setting(year=study.years[-1], resolution=resolution)
    near = screen_cells(study, setting)
    values, _ = screen_values(study, setting, neighbours=near)
    taken = min(seconds(lambda: screen_values(study, setting, neighbours=near)) for _ in range(2))
    kept = int((rank(values, default_criteria(study, values))["rank"] > 0).sum())
    what = f"siting, the sample at resolution {resolution}, {len(values):,} cells: all values"
    return Row(what, "s", taken, None, "", note=f"{kept:,} cells in question")


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=5)
    print(table(rows(asked.parse_args().rounds)))


if __name__ == "__main__":
    main()
