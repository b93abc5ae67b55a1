"""One line of the benchmark table, and the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Row", "table"]


@dataclass(frozen=True)
class Row:
    """A figure of ours beside the peer's, measured in the same run."""

    what: str
    unit: str
    ours: float
    peer: float | None
    target: str


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown; the ratio is the peer's figure over ours."""
    lines = [
        "| what | unit | ours | peer | peer / ours | target |",
        "|---|---|---:|---:|---:|---|",
    ]
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:.4g}"
        ratio = "" if row.peer is None else f"{row.peer / row.ours:.1f}x"
        lines.append(
            f"| {row.what} | {row.unit} | {row.ours:.4g} | {peer} | {ratio} | {row.target} |"
        )
    return "\n".join(lines)
