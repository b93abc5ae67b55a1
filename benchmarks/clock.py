"""Clock: seconds and memory of a piece of work."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

__all__ = ["peak_mb", "seconds", "turn_by_turn"]

Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def turn_by_turn(*works: Work, rounds: int) -> list[float]:
    """
    The best of `rounds` of each work, in seconds.

    They take turns, so that whatever else the machine does falls on all of them.
    """
    taken = [[seconds(work) for work in works] for _ in range(rounds)]
    return [min(times) for times in zip(*taken, strict=True)]


def peak_mb(work: Work) -> float:
    """Most memory held at once, MB, beyond what was held before."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6
