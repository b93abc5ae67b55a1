"""
What the server takes for a new question about 80 000 cells and four years, as the page asks it.

    python -m benchmarks.answers [--rounds 5]

The study is made up, in a temporary folder, with the layers of the packaged sample. Each round
asks what was not asked before, so that no answer comes out of the cache but what a page in use
would have there: the study, its cells, the neighbours of a radius that was asked before.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks.clock import peak_mb, seconds
from benchmarks.table import Row, table
from spatial import cells as h3cells
from spatial.schema import LAYERS
from spatial.store import write_study
from spatial.study import Group, Source, Study, StudyInfo, open_study
from views import answers
from views.query import Query
from views.screen import explorer_payload
from views.sentences import quiet_line, sentence
from views.text import translator

__all__ = ["rows"]

MIDDLE = (39.93, 116.4)
RADIUS = 161  # with the ring of two that every study area has: 80 197 cells
YEARS = (2022, 2023, 2024, 2025)
TARGET = "<= 300 ms"


def rows(rounds: int = 5) -> list[Row]:
    """Milliseconds from the question to the packed screen, for each kind of new question."""
    # Outside a running page each cached call would say that there is none.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, _asking(Path(folder) / "city"):
        start = Query(resolution=9)
        study = answers.study_of(start)
        start = answers.settle(start, study)
        found = _asked(start, study, rounds=rounds)
        return [*found, _opening(study, rounds)]


def _asked(start: Query, study: Study, *, rounds: int) -> list[Row]:
    """Each kind of question, with what of the cache it cannot have used before."""
    measured = ("_answer", "_values", "_edges")
    cases = {
        "another alpha": (replace(start, alpha=0.01), ("_answer",)),
        "another year": (replace(start, year=YEARS[0]), ("_answer",)),
        "another measure": (replace(start, measure="surplus"), measured),
        "another role": (replace(start, role="residence"), measured),
        "another radius, its neighbours to find": (replace(start, k=2), ("_answer", "_neighbours")),
    }
    screen(start, study)
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (query, forgotten) in cases.items():
            _forget(forgotten)
            taken[name].append(seconds(lambda query=query: screen(query, study)))
    size = f"{len(study.area):,} cells"
    found = [
        Row(f"new question, {size}: {name}", "ms", min(times) * 1e3, None, TARGET)
        for name, times in taken.items()
    ]
    first = []
    for _ in range(rounds):
        _forget((*measured, "_neighbours", "_geometry", "_districts"))
        first.append(seconds(lambda: screen(start, study)))
    _forget(("_answer",))
    peak = peak_mb(lambda: screen(start, study))
    what = "the first question to a study, its lattice to find"
    return [*found, Row(what, "ms", min(first) * 1e3, None, "", memory_mb=peak)]


def _forget(names: tuple[str, ...]) -> None:
    for name in names:
        getattr(answers, name).clear()


def screen(query: Query, study: Study) -> bytes:
    """The sentence and the packed map, as the page makes them."""
    tr = translator(query.lang)
    found = answers.answer(query)
    sentence(query, found, tr)
    quiet_line(query, study, found, tr)
    return explorer_payload(query, study, tr, card=None, whole=False)


def _opening(study: Study, rounds: int) -> Row:
    taken = [seconds(lambda: open_study(study.path)) for _ in range(rounds)]
    return Row("opening that study, every hash and table checked", "ms", min(taken) * 1e3, None, "")


@contextmanager
def _asking(folder: Path) -> Iterator[None]:
    """The page's studies are the one in `folder`, for a while."""
    write_study(folder, _info(), _counts(), layers=_layers())
    before = os.environ.get("GRADMAP_STUDIES")
    os.environ["GRADMAP_STUDIES"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("GRADMAP_STUDIES")
        if before is not None:
            os.environ["GRADMAP_STUDIES"] = before


def _info() -> StudyInfo:
    return StudyInfo(
        name="city",
        resolution=9,
        title={"en": "A city of eighty thousand cells", "zh": "八万格之城"},
        groups=(Group("stayers", {"en": "Stayers"}), Group("arrivals", {"en": "Arrivals"})),
        source=Source("Made up for timing", "https://example.org", "CC0-1.0", "None"),
        synthetic=True,
        currency={"en": "yuan", "zh": "元"},
        rent_edges=(2000.0, 3000.0),
    )


def _counts() -> pd.DataFrame:
    """Forty centres of unlike size over a ground that thins outwards, both roles, every year."""
    ids = h3cells.grid_disk(
        h3cells.points_to_cells([MIDDLE[0]], [MIDDLE[1]], resolution=9), k=RADIUS
    )
    lat, lon = h3cells.centres(ids)
    north, east = lat - MIDDLE[0], (lon - MIDDLE[1]) * np.cos(np.radians(MIDDLE[0]))
    rng = np.random.default_rng(1)
    tables = []
    for role in ("work", "residence"):
        mean = 3 * np.exp(-np.hypot(north, east) * 8)
        for y, x, size in zip(*rng.normal(0, 0.12, (2, 40)), rng.lognormal(3, 1, 40), strict=True):
            mean += size * np.exp(-(((north - y) ** 2 + (east - x) ** 2) / 0.01**2))
        base = np.round(50 + 6 * mean)
        for at, year in enumerate(YEARS):
            stayers, arrivals = rng.poisson(mean * (0.5 + 0.05 * at), (2, len(ids))).astype(float)
            held = {"cell": ids, "role": role, "year": year, "graduates": stayers + arrivals}
            both = {"base": base, "stayers": stayers, "arrivals": arrivals}
            tables.append(pd.DataFrame(held | both))
    return pd.concat(tables, ignore_index=True)


def _layers() -> dict[str, gpd.GeoDataFrame]:
    sample = open_study(Path(str(files("spatial.sources.beijing") / "study")))
    return {name: sample.layer(name) for name in LAYERS if sample.has(name)}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=5)
    print(table(rows(asked.parse_args().rounds)))


if __name__ == "__main__":
    main()
