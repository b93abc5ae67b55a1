"""Tables of studies and of formats: names from the code and meanings from the page, or neither."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from tables import table_of

from spatial.formats import NAMES
from spatial.info import _FORMS, StudyInfo
from spatial.schema import COUNT_COLUMNS, FLOW_COLUMNS, LAYERS, PAIR_COLUMNS, POINT_COLUMNS

__all__ = ["Columns", "setup"]

_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "counts": COUNT_COLUMNS,
    "flows": FLOW_COLUMNS,
    "points": POINT_COLUMNS,
    "pairs": PAIR_COLUMNS,
    "study.json": tuple(one.name for one in fields(StudyInfo)),
    "formats": tuple(NAMES),
    **LAYERS,
}
_HEADS: Final = {
    "study.json": ("field", "form", "meaning"),
    "formats": ("ending", "format", "where the provenance is", "what else it carries"),
}


class Columns(SphinxDirective):
    """`{columns} counts`, a line `name: meaning` for every column the code has, no more no less."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The table, or an error that names what is not told or not there."""
        name = self.arguments[0]
        if name not in _COLUMNS:
            raise self.error(f"a table must be one of {', '.join(_COLUMNS)}, found {name}")
        told = dict(line.split(": ", 1) for line in self.content if line.strip())
        known = _COLUMNS[name]
        if set(told) != set(known):
            apart = ", ".join(sorted(set(told) ^ set(known)))
            raise self.error(f"{name}: columns {', '.join(known)} must be told, {apart} apart")
        rows = [(f"`{one}`", *_between(name, one), *told[one].split(" | ")) for one in known]
        return [table_of(self, _HEADS.get(name, ("column", "meaning")), rows)]


def _between(name: str, one: str) -> tuple[str, ...]:
    """What the code itself says of a field or a format."""
    if name == "study.json":
        return (_FORMS[one][1],)
    return (NAMES[one],) if name == "formats" else ()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("columns", Columns)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
