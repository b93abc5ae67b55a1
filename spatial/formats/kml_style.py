"""KML styles: one for each class, and for each width of a line, shared by the rows that need it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from spatial.formats.style import NOT_DRAWN, Style

__all__ = ["shared_styles", "style_ids"]

_PIXELS_PER_MM: Final = 96 / 25.4
_GROUND: Final = "ground"


def style_ids(style: Style, table: pd.DataFrame) -> list[str]:
    """The shared style of each row, by its id."""
    classes = style.classes(table)
    if not style.width_of:
        return [_GROUND if one < 0 else f"class{one}" for one in classes.tolist()]
    share = table[style.width_of].to_numpy(dtype=np.float64) / style.widest
    pixels = np.maximum(np.rint(np.nan_to_num(share) * style.widest_mm * _PIXELS_PER_MM), 1)
    return [
        _GROUND if one < 0 else f"class{one}-{wide}"
        for one, wide in zip(classes.tolist(), pixels.astype(int).tolist(), strict=True)
    ]


def shared_styles(style: Style, ids: list[str], *, lines: bool) -> Iterator[str]:
    """The styles that are used; a row of no class gets one that draws nothing."""
    for one in sorted(set(ids)):
        if one == _GROUND:
            yield _style(one, NOT_DRAWN, NOT_DRAWN, 1.0, style.opacity)
            continue
        number, _, wide = one.removeprefix("class").partition("-")
        colour = style.colours[int(number)]
        if lines:
            width = float(wide or style.widest_mm * _PIXELS_PER_MM)
            yield _style(one, NOT_DRAWN, colour, width, style.opacity)
        else:
            width = style.rim_mm * _PIXELS_PER_MM
            yield _style(one, colour, style.rim(int(number)), width, style.opacity)


def _style(name: str, fill: str, rim: str, width: float, opacity: float) -> str:
    """KML draws what no style forbids, so that each says what it does not draw."""
    inside = f"<color>{_turned(fill, opacity)}</color>" if fill else "<fill>0</fill>"
    line = f"<color>{_turned(rim, opacity)}</color><width>{width:.3g}</width>" if rim else ""
    return (
        f'<Style id="{name}"><LineStyle>{line}</LineStyle><PolyStyle>{inside}'
        f"<outline>{int(bool(rim))}</outline></PolyStyle></Style>\n"
    )


def _turned(colour: str, opacity: float) -> str:
    """A colour as KML has it: opacity, blue, green, red."""
    return f"{round(opacity * 255):02x}{colour[5:7]}{colour[3:5]}{colour[1:3]}"
