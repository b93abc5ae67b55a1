"""
Notebooks run as a kernel runs them, and their outputs kept in them as plain text.

    python -m tests.notebooks [NAME ...]

Writes the outputs of every notebook, or of those named, into its file. Identifiers and metadata
stay, cells are counted from 1, and a map is the one line it says of itself, never its page: so a
second run changes nothing, and a reader without Jupyter sees what came out.
"""

from __future__ import annotations

import ast
import io
import json
import os
import sys
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from pprint import pformat
from typing import Any

import pandas as pd

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
OWN_CITY = "05_your_own_city"  # reads tables that are not ours to hand on: kept without outputs

# What pandas would else take from the terminal it happens to stand in.
_PLAIN = {
    "display.width": 110,
    "display.max_columns": 20,
    "display.max_rows": 60,
    "display.unicode.east_asian_width": True,
}


@dataclass
class Ran:
    """What a notebook knows at its end, what its cells show, and the same as they are kept."""

    known: dict[str, Any] = field(default_factory=dict)
    shown: list[Any] = field(default_factory=list)
    outputs: list[list[dict[str, Any]]] = field(default_factory=list)


def read(notebook: Path) -> dict[str, Any]:
    """The content of a notebook's file."""
    content: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    return content


def code_cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Its cells with code, in their order."""
    return [one for one in content["cells"] if one["cell_type"] == "code"]


def run(notebook: Path) -> Ran:
    """A notebook run from its first cell to its last, in its own folder and a room of its own."""
    ran = Ran()
    options = [one for pair in _PLAIN.items() for one in pair]
    with chdir(notebook.parent), pd.option_context(*options):
        for number, cell in enumerate(code_cells(read(notebook)), start=1):
            said, value = _execute("".join(cell["source"]), ran.known, f"{notebook.name}[{number}]")
            ran.shown.append(value)
            ran.outputs.append(_outputs(said, value, number))
    return ran


def _execute(source: str, known: dict[str, Any], name: str) -> tuple[str, Any]:
    """What a cell prints, and the value of its last line where that is an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    said, value = io.StringIO(), None
    with redirect_stdout(said):
        exec(compile(tree, name, "exec"), known)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), name, "eval"), known)
    return said.getvalue(), value


def _outputs(said: str, value: object, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if said:
        found.append({"name": "stdout", "output_type": "stream", "text": _lines(said)})
    if value is not None:
        text = pformat(value, width=100) if isinstance(value, list | dict | tuple) else repr(value)
        found.append(
            {
                "data": {"text/plain": _lines(text)},
                "execution_count": number,
                "metadata": {},
                "output_type": "execute_result",
            }
        )
    return found


def _lines(text: str) -> list[str]:
    return "\n".join(one.rstrip() for one in text.split("\n")).splitlines(keepends=True)


def write(notebook: Path, outputs: list[list[dict[str, Any]]]) -> None:
    """Put outputs, a list for each cell with code, into the file; an empty list of them clears."""
    content = read(notebook)
    for at, cell in enumerate(code_cells(content)):
        cell["outputs"] = outputs[at] if outputs else []
        cell["execution_count"] = at + 1 if outputs else None
    text = json.dumps(content, ensure_ascii=False, indent=1)
    draft = notebook.with_suffix(".draft")
    draft.write_text(f"{text}\n", encoding="utf-8")
    draft.replace(notebook)


def main(names: list[str]) -> None:
    """Run notebooks and keep what they show."""
    os.environ.pop("GRADMAP_STUDIES", None)
    for notebook in sorted(FOLDER.glob("*.ipynb")):
        if names and notebook.stem not in names:
            continue
        print(notebook.name, flush=True)  # noqa: T201 - it is a command
        write(notebook, [] if notebook.stem == OWN_CITY else run(notebook).outputs)


if __name__ == "__main__":
    main(sys.argv[1:])
