"""Variants: a question asked a little otherwise, on other hexagons or on a grid that is shifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final, Literal, get_args

from spatial.offset import NOWHERE, Offset, offsets
from spatial.question import Question, QuestionError
from spatial.study import Study

__all__ = ["SHIFTS", "USUAL_ALPHAS", "Shift", "Variant", "variants_of"]

USUAL_ALPHAS: Final = (0.01, 0.05, 0.1)
"""False discovery rates that are tried where none are named."""

Shift = Literal["own", "every", "none"]
"""Whose grid is shifted: that of the question's own resolution, of every one, or none."""
SHIFTS: Final[tuple[Shift, ...]] = get_args(Shift)
"""Every such choice, the default first."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """
    A question, and how far the counts are moved before they go to its cells.

    Parameters
    ----------
    question
        With its resolution named.
    offset
        In steps of the study's own cells, see `spatial.offset`.
    """

    question: Question
    offset: Offset = NOWHERE

    def to_dict(self) -> dict[str, Any]:
        """Every field of the question, and the offset as text, "1,0"."""
        return self.question.to_dict() | {"offset": f"{self.offset[0]},{self.offset[1]}"}


def variants_of(
    study: Study,
    question: Question,
    *,
    resolutions: Sequence[int] | None = None,
    ks: Sequence[int] | None = None,
    alphas: Sequence[float] | None = None,
    shift: Shift = "own",
) -> tuple[Variant, ...]:
    """
    Every combination of these values in place of the question's own, itself left out, in order.

    Parameters
    ----------
    study, question
        What is asked of what.
    resolutions
        The usual ones where left out: the question's own, the next coarser and the next finer.
    ks
        The usual ones: the question's own, one less and one more.
    alphas
        The usual ones: the question's own, 0.01, 0.05 and 0.1.
    shift
        Which resolutions are asked on shifted grids too: the question's own, every, or none. At
        the study's own resolution the grid cannot be shifted, and no variant is.

    Raises
    ------
    QuestionError
        When there is no variant, a value is out of its range, or a resolution is finer than the
        study's.
    """
    if shift not in SHIFTS:
        raise QuestionError(f"shift must be one of {', '.join(SHIFTS)}, found {shift}")
    own = study.info.resolution
    asked = replace(
        question, resolution=own if question.resolution is None else question.resolution
    )
    fineness = asked.resolution or 0
    if resolutions is None:
        near = (fineness, fineness - 1, fineness + 1)
        resolutions = [one for one in near if 0 <= one <= own]
    if ks is None:
        ks = [one for one in (question.k, question.k - 1, question.k + 1) if 1 <= one <= 10]
    if alphas is None:
        alphas = [question.alpha, *USUAL_ALPHAS]
    if finest := [one for one in resolutions if one > own]:
        raise QuestionError(
            f"resolution must be {own}, that of {study.info.name}, or coarser, found {max(finest)}"
        )
    found = (
        Variant(question=replace(asked, resolution=r, k=k, alpha=alpha), offset=offset)
        for r, k, alpha in product(sorted({*resolutions}), sorted({*ks}), sorted({*alphas}))
        for offset in (NOWHERE, *_offsets(own, r, asked=fineness, shift=shift))
    )
    variants = tuple(dict.fromkeys(one for one in found if one != Variant(question=asked)))
    if not variants:
        raise QuestionError("robustness needs a variant of the question, found none")
    return variants


def _offsets(own: int, resolution: int, *, asked: int, shift: Shift) -> tuple[Offset, ...]:
    if shift == "none" or (shift == "own" and resolution != asked):
        return ()
    return offsets(own, resolution)
