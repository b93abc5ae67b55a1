"""
How often lineages see events in studies where nothing changes but Poisson noise.

    python -m benchmarks.lineage_noise [--seeds 200] [--years 4]

No matter of speed, so not in the table of `python -m benchmarks`.

Three kinds of study, about 2 800 cells each: places that stand apart, places that crowd about a
centre (peaks that noise makes and unmakes), and an empty ground with a few faint ones.
"""

from __future__ import annotations

import argparse

import numpy as np

from spatial.lineage import find_lineages
from tests.bumps import Bump, area, counted, found, mean_counts, scattered


def bumps_of(kind: str, *, rng: np.random.Generator) -> list[Bump]:
    """The places of one kind of study."""
    if kind == "apart":
        return scattered(20, rng=rng)
    if kind == "crowded":
        north, east = rng.normal(0, 6, (2, 40))
        sizes = rng.lognormal(3, 0.6, 40)
        near = [Bump(n, e, h, 1.2) for n, e, h in zip(north, east, sizes, strict=True)]
        return [Bump(0, 0, 40, 6.0), *near]
    return [Bump(n, e, 6.0, 1.0) for n, e in rng.uniform(-18, 18, (8, 2))]


def main() -> None:
    """Count events over all seeds and print one line for each kind of study."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=200)
    asked.add_argument("--years", type=int, default=4)
    given = asked.parse_args()
    near = area()
    for kind in ("apart", "crowded", "faint"):
        studies = pairs = events = steps = eventful_pairs = 0
        words: dict[str, int] = {}
        for seed in range(given.seeds):
            rng = np.random.default_rng(seed)
            mean = mean_counts(near, bumps_of(kind, rng=rng))
            counts = {2020 + y: counted(mean, near, rng=rng) for y in range(given.years)}
            told = find_lineages(
                found(counts, near, top=20), counts, candidates=found(counts, near, top=60)
            ).events
            changed = told[told["verdict"] != "steady"]
            studies += bool(len(changed))
            pairs += given.years - 1
            eventful_pairs += changed["from_year"].nunique()
            events += len(changed)
            steps += len(told)
            for word, often in changed["verdict"].value_counts().items():
                words[str(word)] = words.get(str(word), 0) + int(often)
        print(
            f"{kind}: {studies} of {given.seeds} studies of {given.years} years with any event"
            f" ({studies / given.seeds:.1%}), {eventful_pairs} of {pairs} pairs of years"
            f" ({eventful_pairs / pairs:.2%}), {events} of {steps} steps"
            f" ({events / steps:.3%}) {words or ''}"
        )


if __name__ == "__main__":
    main()
