"""
Links: names in signatures and docstrings lead to where they are documented.

Other people's classes (pandas, numpy, shapely) stay plain text, since linking them would need
their index from the network. A name of our own that leads nowhere is a warning, so an error.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

__all__ = ["setup"]

_HOUSE: Final = ("spatial", "layers", "papers")
_ALIASES: Final = frozenset({"NDArray", "ArrayLike", "DTypeLike", "Literal"})
"""Other people's names for types that are no classes, and so do not know where they are at home."""


class Homes(SphinxPostTransform):
    """A short name becomes the full one that it stands for in the module that says it."""

    default_priority = 5  # before links are looked for

    def run(self, **_more: Any) -> None:  # noqa: ANN401 - Sphinx passes what it likes
        """Of every name of Python on the page."""
        known = self.env.domains.python_domain.objects
        for node in self.document.findall(pending_xref):
            if node.get("refdomain") == "py":
                home = _home(node.get("py:module") or "", node["reftarget"])
                node["reftarget"] = _told_as(home, known) or node["reftarget"]


@cache
def _home(module: str, name: str) -> str:
    """Full name of a class, function or part of a module as a module knows it; else empty."""
    first, _, rest = name.partition(".")
    found = getattr(sys.modules.get(module), first, None)
    if found is None and (source := _imported(module).get(first)):
        found = pkgutil.resolve_name(source)
    if inspect.ismodule(found):
        return f"{found.__name__}.{rest}"
    named = inspect.isclass(found) or inspect.isfunction(found)
    return f"{found.__module__}.{found.__qualname__}" if named else ""


def _told_as(home: str, known: Mapping[str, object]) -> str:
    """The name under which a thing is told: its own, or that of a module that passes it on."""
    parent, _, name = home.rpartition(".")
    if home in known or not parent:
        return home
    thing = getattr(sys.modules.get(parent), name, None)
    parents = (one.rpartition(".")[0] for one in known if one.endswith(f".{name}"))
    passed = [one for one in parents if getattr(sys.modules.get(one), name, None) is thing]
    return f"{passed[0]}.{name}" if passed else home


@cache
def _imported(module: str) -> dict[str, str]:
    """What imported names stand for, those too that are imported for their types alone."""
    if module not in sys.modules:
        return {}
    found = {}
    for each in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if isinstance(each, ast.ImportFrom):
            found |= {one.asname or one.name: f"{each.module}:{one.name}" for one in each.names}
        elif isinstance(each, ast.Import):
            found |= {one.asname: one.name for one in each.names if one.asname}
    return found


def _link(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """A link to the one documented object whose full name ends in the name, or plain text."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip(".")
    loose = node["reftype"] == "obj"
    literal = target[:1] in "'\"" or target.isdigit()  # a value of a Literal
    if literal or _is_foreign(target) or (loose and not _looks_named(target)):
        return content
    domain = env.domains.python_domain
    found = _ending_in(domain, target)
    if found is None:
        return content if loose or _is_inner(target) else None
    name, entry = found
    return make_refnode(
        app.builder, node["refdoc"], entry.docname, entry.node_id, [content], title=name
    )


def _is_foreign(target: str) -> bool:
    first = target.split(".")[0]
    return first in _ALIASES or (first in sys.modules and first not in _HOUSE)


def _looks_named(word: str) -> bool:
    """Whether a word in backticks may be meant as a name, and not as an argument or a column."""
    return word.isascii() and ("." in word or "_" in word or word[:1].isupper())


@cache
def _is_inner(target: str) -> bool:
    """Whether a module of the house has such a name, if only for its own use."""
    parent, _, name = target.rpartition(".")
    if parent in sys.modules:
        return hasattr(sys.modules[parent], name)
    house = [one for path, one in sys.modules.items() if path.split(".")[0] in _HOUSE]
    return any(hasattr(one, target.split(".")[0]) for one in house)


def _ending_in(domain: PythonDomain, target: str) -> tuple[str, Any] | None:
    ends = {
        name: entry
        for name, entry in domain.objects.items()
        if name == target or name.endswith(f".{target}")
    }
    # A class is meant before a method or a field that happens to have its name.
    ranked = sorted(ends.items(), key=lambda one: (one[0].count("."), one[0]))
    return ranked[0] if ranked else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect both to the making of links."""
    app.add_post_transform(Homes)
    app.connect("missing-reference", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
