"""Docstrings as Sphinx should read them: signatures as written, and each thing told once."""

from __future__ import annotations

import dataclasses
import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.inspect import stringify_signature

__all__ = ["setup"]


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
    """Connect it to autodoc, on both sides of napoleon (500) where that matters."""
    app.connect("autodoc-process-signature", _as_written)
    app.connect("autodoc-process-docstring", _keep, priority=400)
    app.connect("autodoc-process-docstring", _put_back, priority=600)
    app.connect("autodoc-process-docstring", _without_self, priority=900)
    app.connect("autodoc-skip-member", _told_elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
