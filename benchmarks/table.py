"""One line of the benchmark table, and the table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Row", "table", "verdict"]


@dataclass(frozen=True)
class Row:
    """
    A figure of ours beside the peer's, measured in the same run.

    Parameters
    ----------
    target
        "<= 1 s" holds for our figure in `unit`, ">= 25x" for the peer's over ours; either, both
        with a comma between them, or nothing.
    peer_name
        Whose figure the peer's is.
    memory_mb
        Most memory of ours held at once, MB, where it matters.
    note
        What else was found in the same run.
    """

    what: str
    unit: str
    ours: float
    peer: float | None
    target: str
    peer_name: str = ""
    memory_mb: float | None = None
    note: str = ""


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown; the ratio is the peer's figure over ours."""
    lines = [
        "| what | unit | ours | peer | peer / ours | target | met | peak MB | note |",
        "|---|---|---:|---:|---:|---|---|---:|---|",
    ]
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:.4g} {row.peer_name}".rstrip()
        ratio = "" if row.peer is None else f"{row.peer / row.ours:,.1f}x"
        memory = "" if row.memory_mb is None else f"{row.memory_mb:,.0f}"
        cells = [row.what, row.unit, f"{row.ours:.4g}", peer, ratio]
        cells += [row.target, verdict(row), memory, row.note]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdict(row: Row) -> str:
    """Whether the row meets its target: "yes", "NO", or nothing where it has none."""
    most = re.search(r"<= ([\d.e-]+)", row.target)
    times = re.search(r">= ([\d.]+)x", row.target)
    if not most and not times:
        return ""
    fast = most is None or row.ours <= float(most[1])
    faster = times is None or (row.peer or 0) >= float(times[1]) * row.ours
    return "yes" if fast and faster else "NO"
