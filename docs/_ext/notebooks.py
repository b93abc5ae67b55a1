"""Notebooks as pages: their text, their code, and the outputs they are kept with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx

__all__ = ["setup"]

_SHOWN: Final = ("{code-block} text", ":class: shown", "")
_FOLDER: Final = Path(__file__).resolve().parents[2] / "notebooks"


def page_of(notebook: Path) -> str:
    """A notebook as MyST Markdown."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    parts = [part for cell in content["cells"] for part in _parts(cell)]
    title, *rest = parts
    made = f"*The notebook `notebooks/{notebook.name}`; open it in Jupyter to run it.*"
    head, _, more = title.partition("\n")
    return "\n\n".join([head, made, more.strip(), *rest])


def _parts(cell: dict[str, Any]) -> list[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return [source]
    if cell["cell_type"] != "code" or not source.strip():
        return []
    told = [_text(output) for output in cell["outputs"]]
    return [_fenced(source, "python"), *(_fenced(one, *_SHOWN) for one in told if one)]


def _text(output: dict[str, Any]) -> str:
    """What an output says in plain text; a map that is only there to be looked at says nothing."""
    if "text" in output:
        return "".join(output["text"]).rstrip()
    return "".join(output.get("data", {}).get("text/plain", "")).rstrip()


def _fenced(text: str, *head: str) -> str:
    return "\n".join([f"````{head[0]}", *head[1:], text, "````"])


def _fill(app: Sphinx, name: str, content: list[str]) -> None:
    """Put the notebook of its name in the place of a page under notebooks/."""
    del app
    folder, _, stem = name.rpartition("/")
    if folder == "notebooks" and stem != "index":
        content[0] = page_of(_FOLDER / f"{stem}.ipynb")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it to the reading of pages."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
