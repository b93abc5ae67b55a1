"""
Names in signatures and docstrings: short as in the code, and linked where they are documented.

Other people's classes (pandas, numpy, shapely) stay plain text, since linking them would need
their index from the network. A name of our own that leads nowhere is a warning, so an error.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.inspect import stringify_signature
from sphinx.util.nodes import make_refnode

__all__ = ["setup"]

_HOUSE: Final = ("spatial", "layers", "papers")
_OUTSIDE: Final = frozenset(
    {"np", "numpy", "pd", "pandas", "gpd", "geopandas", "shapely", "pa", "pyarrow", "scipy"}
    | {"folium", "click", "collections", "pathlib", "typing", "datetime", "FontProperties"}
    | {"NDArray", "ArrayLike", "DTypeLike", "Any", "Callable", "Iterable", "Iterator", "Mapping"}
    | {"Path", "Sequence", "Literal", "BinaryIO"}
)
"""First words of names that are not ours."""


class Homes(SphinxPostTransform):
    """A short name becomes the full one that it stands for in the module that says it."""

    default_priority = 5  # before links are looked for

    def run(self, **_more: Any) -> None:  # noqa: ANN401 - Sphinx passes what it likes
        """Of every name of Python on the page."""
        known = self.env.domains.python_domain.objects
        for node in self.document.findall(pending_xref):
            if node.get("refdomain") == "py":
                home = _home(node.get("py:module") or "", node["reftarget"])
                if home in known:
                    node["reftarget"] = home


@cache
def _home(module: str, name: str) -> str:
    """Full name of a class, function or part of a module as a module knows it; else empty."""
    first, _, rest = name.partition(".")
    found = getattr(sys.modules.get(module), first, None)
    if found is None and (source := _imported(module).get(first)):
        found = getattr(import_module(source), first, None)
    if inspect.ismodule(found):
        return f"{found.__name__}.{rest}"
    named = inspect.isclass(found) or inspect.isfunction(found)
    return f"{found.__module__}.{found.__qualname__}" if named else ""


@cache
def _imported(module: str) -> dict[str, str]:
    """Modules that names come from, those too that are imported for their types alone."""
    if module not in sys.modules:
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    froms = (one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and one.module)
    return {one.asname or one.name: str(each.module) for each in froms for one in each.names}


def _link(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """A link to the one documented object whose full name ends in the name, or plain text."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].lstrip(".")
    loose = node["reftype"] == "obj"
    literal = target[:1] in "'\"" or target.isdigit()  # a value of a Literal
    if literal or target.split(".")[0] in _OUTSIDE or (loose and not _looks_named(target)):
        return content
    domain = env.domains.python_domain
    found = _ending_in(domain, target)
    if found is None:
        return content if loose or _is_inner(target) else None
    name, entry = found
    return make_refnode(
        app.builder, node["refdoc"], entry.docname, entry.node_id, [content], title=name
    )


def _looks_named(word: str) -> bool:
    """Whether a word in backticks may be meant as a name, and not as an argument or a column."""
    return word.isascii() and ("." in word or "_" in word or word[:1].isupper())


@cache
def _is_inner(target: str) -> bool:
    """Whether a module of the house has such a name, if only for its own use."""
    parent, _, name = target.rpartition(".")
    modules = [
        module
        for path, module in sys.modules.items()
        if path.split(".")[0] in _HOUSE and (not parent or path == parent)
    ]
    return any(hasattr(module, name) for module in modules)


def _ending_in(domain: PythonDomain, target: str) -> tuple[str, Any] | None:
    ends = {
        name: entry
        for name, entry in domain.objects.items()
        if name == target or name.endswith(f".{target}")
    }
    # A class is meant before a method or a field that happens to have its name.
    ranked = sorted(ends.items(), key=lambda one: (one[0].count("."), one[0]))
    return ranked[0] if ranked else None


def _as_written(
    app: Sphinx,
    what: str,
    name: str,
    obj: Any,  # noqa: ANN401 - whatever is documented
    options: Any,  # noqa: ANN401
    signature: str | None,
    returned: str | None,
) -> tuple[str, str | None] | None:
    """The signature with its annotations as the code writes them."""
    del app, name, options
    if signature is None or what not in ("class", "function", "method", "exception"):
        return None
    if what == "class" and not dataclasses.is_dataclass(obj):
        return None
    found = inspect.signature(obj)
    given = [_with_plain_default(one) for one in found.parameters.values()]
    if what == "method" and not inspect.ismethod(obj):
        given = given[1:]
    found = found.replace(parameters=given)
    shown = stringify_signature(found, show_return_annotation=False)
    gives = found.return_annotation
    told = gives if isinstance(gives, str) and what != "class" else returned
    return shown, (told.strip("'") if told else None)


class _Made:
    """A default that is made anew for every call."""

    def __repr__(self) -> str:
        return "..."


def _with_plain_default(one: inspect.Parameter) -> inspect.Parameter:
    unreadable = one.default is not one.empty and repr(one.default).startswith("<")
    return one.replace(default=_Made()) if unreadable else one


def _without_self(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Take out of a method's docstring the argument it is a method of, such as a study."""
    del app, name, options
    if what != "method" or not inspect.isfunction(obj):
        return
    own = f":param {next(iter(inspect.signature(obj).parameters), '')}:"
    kept, inside = [], False
    for line in lines:
        inside = line.startswith(own) or (inside and line.startswith(" "))
        if not inside:
            kept.append(line)
    lines[:] = kept


def _keep(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Remember what an attribute says: napoleon would take a sentence with a colon for a type."""
    del obj, options
    if what in ("attribute", "data", "property"):
        app.env.temp_data[f"said of {name}"] = lines[:]


def _put_back(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    del what, obj, options
    lines[:] = app.env.temp_data.pop(f"said of {name}", lines[:])


@cache
def _told_modules(folder: Path) -> frozenset[str]:
    """Modules that stand on a page, whole or in part."""
    pages = [page.read_text(encoding="utf-8") for page in folder.rglob("*.md")]
    asked = [one for page in pages for one in re.findall(r"auto(\w+):: (\S+)", page)]
    return frozenset(name if kind == "module" else name.rpartition(".")[0] for kind, name in asked)


def _told_elsewhere(
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    skip: bool,  # noqa: FBT001 - Sphinx calls it so
    options: object,
) -> bool | None:
    """Leave out what a module only passes on from another that is told too."""
    del name, skip, options
    if not (inspect.isclass(obj) or inspect.isfunction(obj)):
        return None
    home, here = obj.__module__, app.env.temp_data.get("autodoc:module")
    told = what == "module" and home != here and home in _told_modules(Path(app.srcdir))
    return True if told else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect all of it."""
    app.add_post_transform(Homes)
    app.connect("missing-reference", _link)
    app.connect("autodoc-process-signature", _as_written)
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _put_back, priority=600)
    app.connect("autodoc-process-docstring", _without_self, priority=900)
    app.connect("autodoc-skip-member", _told_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
