"""Tables made from the code: rows of Markdown in, a table of the page out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["table_of"]


def table_of(
    directive: SphinxDirective, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> nodes.Node:
    """A table whose cells are read as Markdown of the page that the directive stands on."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(one) for one in rows)]
    holder = directive.parse_text_to_nodes("\n".join(lines))
    return holder[0]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(one.replace('|', chr(92) + '|') for one in cells)} |"


def _indicators() -> tuple[Sequence[str], list[tuple[str, ...]]]:
    from spatial.bands import Bands
    from spatial.commute_words import indicators_of

    rows = []
    for name, one in indicators_of(Bands()).items():
        unit = f"{one.unit}, modelled" if one.modelled else one.unit
        rows.append((f"`{name}`", unit, one.definition))
    return ("indicator", "unit", "definition"), rows


def _sources() -> tuple[Sequence[str], list[tuple[str, ...]]]:
    from spatial.bands import Bands
    from spatial.commute_words import indicators_of

    of: dict[str, list[str]] = {}
    for name, one in indicators_of(Bands()).items():
        of.setdefault(one.source, []).append(f"`{name}`")
    return ("source", "of"), [(source, " ".join(names)) for source, names in of.items()]


def _criteria() -> tuple[Sequence[str], list[tuple[str, ...]]]:
    from spatial.siting_criteria import CRITERIA

    return ("criterion", "its values"), [(f"`{one}`", told["en"]) for one, told in CRITERIA.items()]


_MADE: Final[dict[str, Callable[[], tuple[Sequence[str], list[tuple[str, ...]]]]]] = {
    "indicators": _indicators,
    "sources": _sources,
    "criteria": _criteria,
}


class Made(SphinxDirective):
    """`{made} indicators`: a table that the code itself makes."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The table of that name."""
        name = self.arguments[0]
        if name not in _MADE:
            raise self.error(f"a table must be one of {', '.join(_MADE)}, found {name}")
        return [table_of(self, *_MADE[name]())]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("made", Made)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
