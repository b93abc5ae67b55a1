"""Every command in the documents is one the command line knows, with options it has."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from papers.cli import main

ROOT = Path(__file__).resolve().parents[1]


def commands():
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        lines = file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        for line in lines:
            if line.startswith("gradmap "):
                words = shlex.split(line, comments=True)[1:]
                yield pytest.param(
                    words, id=f"{file.parent.name}/{file.name}: {' '.join(words[:3])}"
                )


@pytest.mark.parametrize("words", list(commands()))
def test_a_documented_command_is_there(words):
    command: click.Command = main
    while isinstance(command, click.Group):
        assert words[0] in command.commands
        command, words = command.commands[words[0]], words[1:]
    known = {name for one in command.params for name in one.opts + one.secondary_opts}
    given = {one for one in words if one.startswith("--")}
    assert given <= known, given - known
    needed = {one.opts[0] for one in command.params if one.required and one.opts[0][:2] == "--"}
    assert needed <= given, needed - given


def test_every_loader_stands_in_the_documents():
    told = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")
    for name in main.commands["load"].commands:
        assert f"gradmap load {name} " in told, name
