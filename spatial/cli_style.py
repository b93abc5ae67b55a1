"""The hand that draws what the command line writes, where the one that is installed has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from spatial.export import Stylist

__all__ = ["stylist"]


def stylist() -> Stylist | None:
    """
    What gives a table the classes and colours of its map; None where no map is at hand.

    Computing knows no colours. Whoever stands above and does gives the group of commands a
    stylist for its context's object.
    """
    context = click.get_current_context(silent=True)
    return None if context is None or not callable(context.obj) else cast("Stylist", context.obj)
