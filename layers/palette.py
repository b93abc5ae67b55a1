"""Every colour of the house, written once: maps, legends and pages take theirs from here."""

from __future__ import annotations

from typing import Final

from spatial.schema import Role

__all__ = [
    "BALANCE",
    "CHOROPLETH",
    "DIFFERENCE",
    "FLOW",
    "GROUND_STYLES",
    "HOTSPOT",
    "KINDS",
    "LINES",
    "PAGE",
    "PREVIEW",
    "QUOTIENT",
    "RAIL",
    "RENT",
    "ROLE",
    "ROLE_OUTLINE",
    "SITE",
    "VERDICT",
    "WALK",
    "css_variables",
    "ramp_colours",
]

PAGE: Final = {
    "ink": "#1d2530",
    "muted": "#66707d",
    "line": "#e3e6ea",
    "ground": "#f6f5f2",
    "sidebar": "#fafaf8",
    "card": "#ffffff",
    "accent": "#1f4e79",
    "chosen": "#d9480f",
    "tag-ink": "#7a5700",
    "tag": "#fff4d6",
    "row": "#f5f8fa",
    "row-on": "#eaf0f6",
    "chip": "#eef1f4",
    "chip-ink": "#4f5a67",
    "quiet": "#6d7680",
    "growth": "#1b7837",
    "growth-light": "#e2f2dc",
    "loss": "#762a83",
    "loss-light": "#efe4f2",
}

# Jobs are blue and homes are orange wherever they are shown, from light to dark.
ROLE: Final[dict[Role, tuple[str, ...]]] = {
    "work": (
        "#e9f0f6",
        "#d3e2ef",
        "#b3cfe5",
        "#8bb6d9",
        "#5f98c8",
        "#3b79b2",
        "#225a96",
        "#123a6b",
    ),
    "residence": (
        "#fbf0e3",
        "#f8e0c6",
        "#f4c99d",
        "#eead6f",
        "#e38e46",
        "#cf6f27",
        "#ab5216",
        "#7d370c",
    ),
}
ROLE_OUTLINE: Final[dict[Role, str]] = {"work": "#0b2545", "residence": "#5a2a08"}

# Loss to growth over the years, without the ground between them.
DIFFERENCE: Final = (
    "#762a83",
    "#9970ab",
    "#c2a5cf",
    "#e7d4e8",
    "#d9f0d3",
    "#a6dba0",
    "#5aae61",
    "#1b7837",
)

# What became of a place, as its tag has it: line and tint; what only stayed has no tint.
VERDICT: Final = {
    "appeared": (PAGE["growth"], PAGE["growth-light"]),
    "grew": (PAGE["growth"], PAGE["growth-light"]),
    "shrank": (PAGE["loss"], PAGE["loss-light"]),
    "vanished": (PAGE["loss"], PAGE["loss-light"]),
    "split": (PAGE["chip-ink"], PAGE["chip"]),
    "merged": (PAGE["chip-ink"], PAGE["chip"]),
    "moved": (PAGE["chip-ink"], PAGE["chip"]),
    "steady": (PAGE["chip-ink"], ""),
}

HOTSPOT: Final = {"hot": "#8c1d18", "cold": "#3d5a73", "none": "#f6f5f2"}

LINES: Final = {
    "chosen": PAGE["chosen"],
    "hot": HOTSPOT["hot"],
    "cold": HOTSPOT["cold"],
    "hover": PAGE["ink"],
    "district": "#aeb4bb",
}

RAIL: Final = {"line": "#5b6672", "station": "#ffffff", "walk": "#8fb3a6"}

# Six rent bands, cheapest first: a hue of their own (teal), which neither role nor change uses.
RENT: Final = ("#d6ece6", "#a8d5ca", "#74baac", "#439a8c", "#1f7569", "#0d4f48")

# People who come to work here, who leave for work, and lines between any two places.
FLOW: Final = {
    "in": ROLE["work"][5],
    "out": ROLE["residence"][5],
    "through": "#a23b72",
    "bus": "#1f7569",
    "stop": PAGE["card"],
}

# Fewer graduates than the base leads one to expect, as many, more: slate to gold.
QUOTIENT: Final = ("#93a9b0", "#b5c5ca", "#d5dfe1", "#ece9e0", "#efcf8a", "#d39a2d", "#8a5a00")

# Jobs alone, both, homes alone: the two roles' own colours around grey.
BALANCE: Final = ("#225a96", "#5f98c8", "#b3cfe5", "#e6e4df", "#f4c99d", "#e38e46", "#ab5216")

PREVIEW: Final = "#a23b72"

# Kinds of place: hues apart from the roles, from change and from each other.
KINDS: Final = ("#7391bd", "#cdb95c", "#86b881", "#dd9180", "#a98f7d", "#b7bcc2")

# Minutes on foot to a station, near to far.
WALK: Final = ("#1f5f4a", "#5e9c83", "#a9cdbb", "#dcd3c4", "#b9a68a", "#8a7458")

# How well a cell meets what was asked of a site, little to much.
SITE: Final = ("#eef3e2", "#d3e2b4", "#adc97f", "#7fa650", "#557f2e", "#325417")

CAMPUS: Final = {"rim": "#5a4a86", "fill": "#e6e0f4"}

# Districts filled by a figure of their own, light to dark: greys, so that no role is claimed.
CHOROPLETH: Final = ("#eef0ee", "#dde2df", "#c6cfcb", "#a9b7b2", "#879a94", "#647b75", "#456059")

GROUND_STYLES: Final[dict[str, dict[str, str | float | bool]]] = {
    "water": {"line": "#bcd3e0", "fill": "#d5e4ec", "width": 1.4, "over": True},
    "river": {"line": "#bcd3e0", "width": 1.6, "over": True},
    "park": {"line": "#dfe6d8", "fill": "#e9eee3", "width": 0.5},
    "airport": {"line": "#d8d6d0", "fill": "#e6e4de", "width": 0.8},
    "ring_road": {"line": "#cfcbc2", "width": 1.3, "over": True},
    "mountain_edge": {"line": "#d9d4c6", "width": 1.2},
}


def css_variables() -> str:
    """The page colours as CSS custom properties, for the map's style sheet."""
    return "".join(f"--{name}: {colour}; " for name, colour in PAGE.items())


def ramp_colours(role: Role, classes: int) -> list[str]:
    """`classes` colours of a role, light to dark, spread over its whole range."""
    ramp = ROLE[role]
    if classes >= len(ramp):
        return list(ramp)
    last = len(ramp) - 1
    return [ramp[round(last * (at + 1) / classes)] for at in range(classes)]
