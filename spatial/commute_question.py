"""Commute questions: everything a file of a commute depends on, apart from study and year."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import shapely

from spatial.areas import Area, drawn_area
from spatial.question import QuestionError
from spatial.schema import Role

__all__ = ["BUS_LINES", "FlowQuestion", "ReportQuestion", "area_options", "ring_area"]

BUS_LINES: Final = 15
"""Bus lines that are told."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FlowQuestion:
    """
    What is asked of one year's flows.

    Parameters
    ----------
    area
        Into and out of which lines run.
    side
        Of the area that bus lines serve: people who live there, or who work there.
    resolution
        At which places are found.
    top
        Places kept of each role.
    lines
        Most lines to draw.
    outline
        Name of the file that the area was drawn in; empty where none was.
    """

    area: Area
    side: Role = "residence"
    resolution: int = 8
    top: int = 20
    lines: int = 150
    outline: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value."""
        area = self.area
        return {
            "area": {"kind": area.kind, "id": area.id, "name": area.name, "name_en": area.name_en},
            "side": self.side,
            "resolution": self.resolution,
            "top": self.top,
        }

    def options(self) -> list[object]:
        """Those of `gradmap commute` that ask the same again, the year and the file left out."""
        words: list[object] = ["--side", self.side, *area_options(self.area, self.outline)]
        return [*words, "--resolution", self.resolution, "--top", self.top, "--lines", self.lines]


@dataclass(frozen=True, kw_only=True)
class ReportQuestion:
    """
    How the indicators of a commute are asked for.

    Parameters
    ----------
    sphere, bands_km, bands_miles, mean_km, draws, seed
        As `commute_report` takes them.
    layout
        Whether separation and maximum are solved for.
    resolution, top
        At which places are found, and how many of each role.
    outline
        Name of the file that the area was drawn in; empty where none was.
    """

    sphere: bool = False
    bands_km: tuple[float, ...] = ()
    bands_miles: tuple[float, ...] = ()
    mean_km: float | None = None
    layout: bool = True
    draws: int = 200
    seed: int = 1
    resolution: int = 8
    top: int = 20
    outline: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value, the name of a file left out."""
        return {name: value for name, value in asdict(self).items() if name != "outline"}

    def options(self, area: Area) -> list[object]:
        """Those of `gradmap commute` that ask the same again; not the year, side and file."""
        words = area_options(area, self.outline)
        if area.kind == "place":
            words += ["--resolution", self.resolution, "--top", self.top]
        if self.sphere:
            words.append("--sphere")
        for unit, edges in (("km", self.bands_km), ("miles", self.bands_miles)):
            if edges:
                words += [f"--bands-{unit}", ",".join(f"{edge:g}" for edge in edges)]
        if self.mean_km is not None:
            words += ["--mean-km", self.mean_km]
        if not self.layout:
            words.append("--no-layout")
        return [*words, "--draws", self.draws, "--seed", self.seed]


def area_options(area: Area, outline: str = "") -> list[object]:
    """
    The options that name an area again.

    Parameters
    ----------
    area
        What was drawn is told by its corners, if it is one ring.
    outline
        Name of the file that it was drawn in, where it was.
    """
    if area.kind == "study":
        return []
    if area.kind != "drawn":
        return ["--area", area.id]
    if outline or not isinstance(area.shape, shapely.Polygon) or area.shape.interiors:
        return ["--polygon", outline or "FILE"]
    corners = list(area.shape.exterior.coords)[:-1]
    return ["--area", "@" + ";".join(f"{lat!r},{lon!r}" for lon, lat in corners)]


def ring_area(text: str) -> Area:
    """
    The area within corners written "@lat,lon;lat,lon;...", as a link to the page has them.

    Raises
    ------
    QuestionError
        When these are no corners, or not those of an outline.
    """
    try:
        corners = [one.split(",") for one in text.removeprefix("@").split(";")]
        ring = [(float(lat), float(lon)) for lat, lon in corners]
    except ValueError:
        raise QuestionError(
            f"corners must be written @lat,lon;lat,lon;..., found {text[:40]!r}"
        ) from None
    return drawn_area(ring)
