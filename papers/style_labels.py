"""What a legend calls the classes that edges make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

__all__ = ["class_labels"]


def class_labels(edges: Sequence[float], write: Callable[[float], str]) -> tuple[str, ...]:
    """What a legend calls each class that edges make, from below the first to the last and more."""
    texts = [write(one) for one in edges]
    between = [f"{low} – {high}" for low, high in pairwise(texts)]
    return (f"< {texts[0]}", *between, f"≥ {texts[-1]}")
