"""gradmap suppress: a study without its small counts, to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from spatial.cli_tell import number, progress, tell_study

__all__ = ["suppress"]

_STUDY: Final = click.Path(path_type=Path)


@click.command()
@click.argument("study", type=_STUDY)
@click.option("--out", required=True, type=_STUDY, help="Folder of the suppressed study.")
@click.option(
    "--threshold",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Smallest count that may be told, in people.",
)
@click.option("--groups/--no-groups", default=True, help="Tell groups apart.  [default: yes]")
def suppress(study: Path, out: Path, threshold: int, groups: bool) -> None:  # noqa: FBT001 - click's
    """
    Hide counts under a threshold, and what would tell them, in a copy of STUDY.

    Cells whose count is hidden look empty, and every sum is over what is shown. Without groups
    fewer people are hidden.

    \b
    Example:
      gradmap suppress city --threshold 5 --out city-public
    """  # noqa: D301
    from spatial.privacy import is_safe
    from spatial.privacy_study import suppress_study
    from spatial.study import open_study

    progress("hiding small counts")
    saved = suppress_study(open_study(study), out, threshold=threshold, groups=groups)
    for one in saved.info.audit:
        hidden = sum(told["people"] for told in one.get("suppressed", {}).values())
        if hidden:
            click.echo(
                f"{one['role']} {one['year']}: {number(one['people_in'])} people in,"
                f" {number(one['on_map'])} shown, {number(one['people_in'] - one['on_map'])} not"
            )
    for remark in is_safe(saved):
        click.echo(remark)
    tell_study(saved)
