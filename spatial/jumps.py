"""Jumps: places that went and places that came, near enough to be one place elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spatial.evidence import Evidence
from spatial.steps import Step, Verdict

__all__ = ["jumps"]


def jumps(come: list[Step], gone: list[Step], pair: Evidence) -> list[Step]:
    """Steps of places that came and went, with those joined that are one place elsewhere."""
    back = pair.backwards([])
    gone, come, split = _spread(gone, come, pair)
    turned_come, turned_gone, merged = _spread(_turned(come), _turned(gone), back)
    come, gone = _turned(turned_come), _turned(turned_gone)
    gone, come, moved = _moves(gone, come, pair)
    return [*split, *_turned(merged), *moved, *come, *gone]


def _spread(
    gone: list[Step], come: list[Step], pair: Evidence
) -> tuple[list[Step], list[Step], list[Step]]:
    """Those left gone, those left come, and splits of one that went into several that came."""
    left, joined = [], []
    for step in gone:
        near = _near(step, come, pair)
        loss, gains = _size(step, pair), [_size(one, pair) for one in near]
        near = [
            one for one, gain in zip(near, gains, strict=True) if gain >= pair.rules.part * loss
        ]
        if step.before is None or len(near) < 2 or not _alike(loss, sum(gains), pair):
            left.append(step)
            continue
        near.sort(key=lambda one: -_size(one, pair))
        come = [one for one in come if one not in near]
        joined.append(_joined(step, near[0], "split", pair))
        joined += [replace(one, verdict="split", origin=step.before) for one in near[1:]]
    return left, come, joined


def _moves(
    gone: list[Step], come: list[Step], pair: Evidence
) -> tuple[list[Step], list[Step], list[Step]]:
    """Those left gone, those left come, and moves of one that went to one that came."""
    left, joined = [], []
    for step in gone:
        near = [
            one
            for one in _near(step, come, pair)
            if _alike(_size(step, pair), _size(one, pair), pair)
        ]
        if not near:
            left.append(step)
            continue
        come = [one for one in come if one is not near[0]]
        joined.append(_joined(step, near[0], "moved", pair))
    return left, come, joined


def _near(step: Step, come: list[Step], pair: Evidence) -> list[Step]:
    """Those that appeared within reach of one that vanished, the nearest first."""
    if step.verdict != "vanished":
        return []
    there = [
        (pair.years.apart_km(step.footprint, one.footprint), order, one)
        for order, one in enumerate(come)
        if one.verdict == "appeared"
    ]
    there.sort(key=lambda known: known[:2])
    return [one for apart, _, one in there if apart <= pair.rules.reach_km]


def _joined(went: Step, came: Step, verdict: Verdict, pair: Evidence) -> Step:
    union = np.union1d(went.footprint, came.footprint)
    apart = pair.years.apart_km(went.footprint, came.footprint)
    return Step(went.before, came.after, verdict, max(went.p, came.p), union, apart)


def _size(step: Step, pair: Evidence) -> float:
    return abs(pair.years.excess(step.footprint)[0])


def _alike(one: float, other: float, pair: Evidence) -> bool:
    return min(one, other) >= pair.rules.like * max(one, other)


def _turned(steps: list[Step]) -> list[Step]:
    return [step.turned() for step in steps]
