"""Trend: what may be said of a cell or place over the years, and what may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.kendall import mann_kendall, smallest_p
from spatial.significance import false_discovery

__all__ = [
    "EMERGING",
    "FEW",
    "WORDS",
    "EmergingWord",
    "Proof",
    "TrendWord",
    "provable",
    "trend_words",
]

FEW: Final = 8
"""Slices below which no trend is tested: only what was seen is said."""

TrendWord = Literal["always", "new", "former", "at_times", "never"]
"""Hot in all slices; hot to the last but not from the first; hot until; on and off; not once."""
WORDS: Final[tuple[TrendWord, ...]] = get_args(TrendWord)
"""Every such word."""

EmergingWord = Literal[
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
    "none",
]
"""What may be said of a cell from eight slices on."""
EMERGING: Final[tuple[EmergingWord, ...]] = get_args(EmergingWord)
"""Every such word."""

_MOST = 0.9  # part of the slices from which a cell counts as hot throughout


@dataclass(frozen=True)
class Proof:
    """
    How much so many slices can prove.

    Parameters
    ----------
    slices
        Years counted.
    smallest_p
        Smallest two-sided Mann-Kendall p they can reach.
    enough
        Whether trends are tested at all: 8 slices or more.
    """

    slices: int
    smallest_p: float
    enough: bool


def provable(slices: int) -> Proof:
    """What a trend over so many slices can prove; to be shown beside every trend word."""
    return Proof(slices, smallest_p(slices), slices >= FEW)


def trend_words(
    hotspots: pd.DataFrame, values: pd.DataFrame | None = None, *, alpha: float = 0.05
) -> pd.DataFrame:
    """
    What may be said of each cell or place over the years.

    Parameters
    ----------
    hotspots
        "hot", "cold" or "none" per cell (rows) and year (columns, ascending), shape (n, years);
        for places "hot" where the place is there.
    values
        What a trend is looked for in, of the same shape: Gi* z of a cell, graduates of a place.
        Read only where the years are 8 or more.
    alpha
        False discovery rate of the trends.

    Returns
    -------
    pandas.DataFrame
        On the index of `hotspots`:
        slices, hot, cold: years counted, hot and cold;
        word: "always", "new", "former", "at_times", "never", as seen;
        since: first year of the hot run that lasts to the end, where there is one (Int64);
        until: last hot year, where it is not the last of all (Int64);
        smallest_p: what a test of so many slices could reach at best;
        tau, p, q: Mann-Kendall, NaN below 8 slices;
        trend: "up", "down" or "none" by q, "untested" below 8 slices or without values;
        emerging, of, the category from 8 slices on and the side it is of ("hot", "cold", ""):
        "untested" below 8.

    Notes
    -----
    Categories follow the usual emerging-hotspot scheme, hot and cold alike, tried in this order
    (h of n slices hot, the last one l):
    intensifying, diminishing, persistent: h >= 0.9 n and l hot, with z rising, falling, neither
    (for cold the signs change: colder is intensifying); historical: h >= 0.9 n and l not hot;
    new: only l hot; consecutive: one run of two or more to l, never before; oscillating: l hot
    and some slice cold; sporadic: l hot and none cold; else none.

    References
    ----------
    Mann (1945) and Kendall (1975), see `mann_kendall`; Benjamini & Hochberg (1995), see
    `false_discovery`. The scheme: Harris, N. L. et al. (2017). Using spatial statistics to
    identify emerging hot spots of forest loss. Environmental Research Letters 12, 024012.
    """
    years = [int(year) for year in hotspots.columns]
    if years != sorted(set(years)):
        raise ValueError(f"years must ascend, found {', '.join(map(str, years))}")
    hot = (hotspots == "hot").to_numpy(dtype=np.bool_)
    cold = (hotspots == "cold").to_numpy(dtype=np.bool_)
    able = provable(len(years))
    table = pd.DataFrame(
        {
            "slices": len(years),
            "hot": hot.sum(axis=1),
            "cold": cold.sum(axis=1),
            "word": _seen(hot),
            "since": _since(hot, years),
            "until": _until(hot, years),
            "smallest_p": able.smallest_p,
        },
        index=hotspots.index,
    )
    if not able.enough or values is None:
        words = {"trend": "untested", "emerging": "untested", "of": ""}
        return table.assign(tau=np.nan, p=np.nan, q=np.nan, **words)
    found = mann_kendall(values[hotspots.columns].loc[hotspots.index])
    q = false_discovery(found["p"])
    way = np.where((q <= alpha).to_numpy(), np.sign(found["s"].to_numpy()), 0.0)
    emerging, side = _emerging(hot, cold, way)
    return table.assign(
        tau=found["tau"],
        p=found["p"],
        q=q,
        trend=np.select([way > 0, way < 0], ["up", "down"], "none"),
        emerging=emerging,
        of=side,
    )


def _seen(hot: NDArray[np.bool_]) -> NDArray[np.str_]:
    run = _last_run(hot)
    often, slices = hot.sum(axis=1), hot.shape[1]
    first = hot.argmax(axis=1)
    last = slices - 1 - hot[:, ::-1].argmax(axis=1)
    whole = often == last - first + 1  # one run, without a gap
    conditions = [
        often == 0,
        often == slices,
        (run > 0) & whole,
        (run == 0) & whole & (first == 0),
    ]
    return np.select(conditions, ["never", "always", "new", "former"], "at_times")


def _last_run(hot: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Slices of the hot run that lasts to the end, 0 where the last is not hot."""
    run: NDArray[np.int64] = np.cumprod(hot[:, ::-1], axis=1).sum(axis=1)
    return run


def _since(hot: NDArray[np.bool_], years: list[int]) -> pd.arrays.IntegerArray:
    run = _last_run(hot)
    start = np.append(years, 0)[len(years) - run]
    return pd.arrays.IntegerArray(start.astype(np.int64), run == 0)


def _until(hot: NDArray[np.bool_], years: list[int]) -> pd.arrays.IntegerArray:
    last = len(years) - 1 - hot[:, ::-1].argmax(axis=1)
    hidden = ~hot.any(axis=1) | (_last_run(hot) > 0)
    return pd.arrays.IntegerArray(np.array(years, dtype=np.int64)[last], hidden)


def _emerging(
    hot: NDArray[np.bool_], cold: NDArray[np.bool_], way: NDArray[np.float64]
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Category of each row and its side; a row that could be either is what it is last."""
    warm, chill = _category(hot, cold, way), _category(cold, hot, -way)
    none_warm, none_chill = warm == "none", chill == "none"
    # "historical" alone can hold beside a category of the other side, which is the later one.
    is_cold = ~none_chill & (none_warm | (warm == "historical"))
    word = np.where(is_cold, chill, warm)
    side = np.where(is_cold, "cold", np.where(none_warm, "", "hot"))
    return word, side


def _category(
    ours: NDArray[np.bool_], theirs: NDArray[np.bool_], way: NDArray[np.float64]
) -> NDArray[np.str_]:
    slices, often, run = ours.shape[1], ours.sum(axis=1), _last_run(ours)
    most, now = often >= _MOST * slices, run > 0
    conditions = [
        most & now & (way > 0),
        most & now & (way < 0),
        most & now,
        most,
        now & (often == 1),
        now & (often == run),
        now & theirs.any(axis=1),
        now,
    ]
    words = ["intensifying", "diminishing", "persistent", "historical", "new", "consecutive"]
    return np.select(conditions, [*words, "oscillating", "sporadic"], "none")
