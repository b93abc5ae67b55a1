"""The command line as pages: what each command says of itself, asked of click and never copied."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent
from typing import Any, Final

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["Commands", "setup"]

_UNFILLED: Final = "\b"


class Commands(SphinxDirective):
    """`{commands}`: every command of gradmap with its arguments, options and examples."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """One section a command, groups before what is in them."""
        from papers.cli import main

        root = click.Context(main, info_name="gradmap")
        return [self._section(context) for context in _below(root)]

    def _section(self, context: click.Context) -> nodes.section:
        path, command = context.command_path, context.command
        name = nodes.make_id(path)
        section = nodes.section(ids=[name], names=[name])
        section += nodes.title("", path)
        pieces = [path, *command.collect_usage_pieces(context)]
        section += _code(" ".join(pieces))
        section += list(_told(command.help or ""))
        options = nodes.definition_list(classes=["options"])
        for one in command.get_params(context):
            record = one.get_help_record(context)
            if record is not None and "--help" not in one.opts:
                options += _entry(*record, needed=one.required)
        if len(options):
            section += options
        return section


def _below(context: click.Context) -> Iterator[click.Context]:
    """Contexts of the commands in a group, in order, each group before its own."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            inner = click.Context(command, info_name=name, parent=context)
            yield inner
            yield from _below(inner)


def _told(text: str) -> Iterator[nodes.Node]:
    """Paragraphs of a help text; marked ones keep their lines, as on a terminal."""
    for block in text.replace("\r", "").split("\n\n"):
        lines = block.strip("\n").splitlines()
        if lines and lines[0].strip() == _UNFILLED:
            head, *rest = lines[1:]
            yield nodes.paragraph("", head.strip())
            if rest:
                yield _code(dedent("\n".join(rest)))
        elif lines:
            yield nodes.paragraph("", " ".join(one.strip() for one in lines))


def _entry(written: str, told: str, *, needed: bool) -> nodes.definition_list_item:
    term = nodes.term("", "", nodes.literal("", written))
    text = f"{told}  [needed]" if needed and "[required]" not in told else told
    return nodes.definition_list_item(
        "", term, nodes.definition("", nodes.paragraph("", " ".join(text.split())))
    )


def _code(text: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language="text")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
