"""The shelf: a person's own studies in one folder, each with the state before its last change."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from spatial.schema import SchemaError
from spatial.store import copy_study, recover
from spatial.study import Study

__all__ = ["SHELF_VARIABLE", "changed", "shelf", "studies_on", "undo", "undoable"]

SHELF_VARIABLE: Final = "GRADMAP_SHELF"
"""Names the folder; without it the user's own data folder is taken."""

_BEFORE: Final = ".before"
_NEW: Final = ".new"
_NAME: Final = re.compile(r"[^\W_][\w-]{0,59}", re.UNICODE)


def shelf() -> Path:
    """The folder of own studies; it need not be there yet."""
    if named := os.environ.get(SHELF_VARIABLE):
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "gradmap" / "studies"


def studies_on(folder: Path) -> dict[str, Path]:
    """Folder of each study on the shelf by its name, in their order."""
    if not folder.is_dir():
        return {}
    for one in folder.iterdir():
        if not one.name.startswith("."):
            recover(one)
    return {one.name: one for one in sorted(folder.iterdir()) if (one / "study.json").is_file()}


def changed(folder: Path, name: str, change: Callable[[Path], Study]) -> Study:
    """
    A study on the shelf after `change` wrote to its folder; as it was before, it is kept aside.

    Raises
    ------
    SchemaError
        When the name is none for a folder, or `change` refuses; nothing is different then.
    """
    if not _NAME.fullmatch(name):
        raise SchemaError(
            "a study's name must be letters, digits, - and _, at most 60 of them and a letter or"
            f" digit first, found {name[:80]!r}"
        )
    target, before = folder / name, folder / _BEFORE / name
    kept = folder / _BEFORE / f"{name}.next"
    shutil.rmtree(kept, ignore_errors=True)
    if (target / "study.json").is_file():
        copy_study(target, kept)
    else:
        kept.mkdir(parents=True)
        (kept / _NEW).touch()
    try:
        study = change(target)
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise
    shutil.rmtree(before, ignore_errors=True)
    kept.rename(before)
    return study


def undoable(folder: Path, name: str) -> bool:
    """Whether the state before a study's last change is kept."""
    return bool(_NAME.fullmatch(name)) and (folder / _BEFORE / name).is_dir()


def undo(folder: Path, name: str) -> Study | None:
    """
    The study as it was before its last change; None where it was new then and is now put aside.

    What is undone takes the place of what was kept, so that undoing twice does it again.

    Raises
    ------
    SchemaError
        When nothing is kept of a study of that name.
    """
    if not undoable(folder, name):
        raise SchemaError(f"there is nothing to undo for {name[:80]!r}")
    target, before = folder / name, folder / _BEFORE / name
    aside = folder / _BEFORE / f"{name}.now"
    shutil.rmtree(aside, ignore_errors=True)
    if (target / "study.json").is_file():
        copy_study(target, aside)
    else:
        aside.mkdir(parents=True)
        (aside / _NEW).touch()
    if (before / _NEW).exists():
        shutil.rmtree(target, ignore_errors=True)
        found = None
    else:
        found = copy_study(before, target)
    shutil.rmtree(before, ignore_errors=True)
    aside.rename(before)
    return found
