"""gradmap suppress: a study without its small counts, to hand on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from spatial.cli_tell import number, progress, tell_study

if TYPE_CHECKING:
    from spatial.study import Study

__all__ = ["suppress", "tell_hidden", "threshold_option"]

_STUDY: Final = click.Path(path_type=Path)

threshold_option: Final = click.option(
    "--threshold",
    type=click.IntRange(min=0),
    default=0,
    help="Hide counts under it before saving; of registers of people: --threshold 5"
    "  [default: the study's]",
)
"""The option of every load."""


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
    tell_hidden(saved)
    for remark in is_safe(saved):
        click.echo(remark)
    tell_study(saved)


def tell_hidden(study: Study, *, year: int | None = None) -> None:
    """Say how many people a study hides, in a year or in all."""
    from spatial.privacy_audit import hides

    for one in study.info.audit:
        gone = sum(people for reason, people in one.get("dropped", {}).items() if hides(reason))
        if gone and year in (None, one.get("year")):
            click.echo(
                f"{one['role']} {one['year']}: {number(gone)} of {number(one['people_in'])} people"
                f" hidden, {number(one['on_map'])} shown"
            )
