"""Account: what every file tells of its study, and the command that makes it again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, Literal

from spatial.schema import Role
from spatial.study import Study

__all__ = ["account", "asked_of", "asking", "breaks_beside", "created", "saying"]

_PACKAGE: Final = Path(__file__).resolve().parent
_SAID: Final[ContextVar[str]] = ContextVar("said", default="")
_PACKAGES: Final = ("gradmap", "h3", "h3ronpy", "geopandas", "numpy", "pandas", "pyogrio", "scipy")


def account(
    study: Study,
    asked: dict[str, Any],
    *,
    role: Role | Literal["flows"],
    method: str,
    breaks: list[dict[str, Any]],
    command: str,
) -> dict[str, Any]:
    """
    Where a file's numbers come from and how they were made, as JSON values.

    Parameters
    ----------
    study, asked
        What was asked of what.
    role
        Of whose definition, who is counted, the file is.
    method
        How its numbers were made, in sentences.
    breaks
        Years that its own must not be compared with, as `breaks_beside` gives them.
    command
        That makes it again, as `asking` writes it.
    """
    info = study.info
    return {
        "study": info.name,
        "title": info.title,
        "study_digest": study.digest,
        "synthetic": info.synthetic,
        "modelled": list(info.modelled),
        **asked,
        "definition": info.definitions.get(role, {}),
        "method": method,
        "breaks": breaks,
        "command": command,
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "created": created().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": info.source.name,
        "source_url": info.source.url,
        "licence": info.source.licence,
        "citation": info.source.citation,
        **_attributions(study),
    }


def _attributions(study: Study) -> dict[str, Any]:
    """Sources of single tables that a study took from elsewhere, by name; {} where none."""
    credited = study.info.attributions
    return {"attributions": {k: asdict(one) for k, one in credited.items()}} if credited else {}


def asking(study: Study, command: str, options: Sequence[object]) -> str:
    """A gradmap command on the study with these options, run where the study's folder lies."""
    folder = study.path.resolve()
    packaged = folder.is_relative_to(_PACKAGE)
    name = study.info.name if packaged else folder.name
    words = shlex.join(map(str, ["gradmap", command, name, *options]))
    # The sample that comes with the package is first given a folder of its own.
    made = f"gradmap sample {shlex.quote(name)} && {words}" if packaged else words
    said = _SAID.get()
    return said if said and asked_of(said) == asked_of(made) else made


def asked_of(command: str) -> list[str]:
    """The words of a command without the folder that the study happened to lie in."""
    try:
        words = shlex.split(command.rpartition("&& ")[2])
    except ValueError:
        return []
    return [word for at, word in enumerate(words) if at != 2]


@contextmanager
def saying(command: str) -> Iterator[None]:
    """Let `asking` write a command as a file has it, wherever the study lies now."""
    token = _SAID.set(command)
    try:
        yield
    finally:
        _SAID.reset(token)


def breaks_beside(study: Study, year: int, *, series: Sequence[str] = ()) -> list[dict[str, Any]]:
    """
    Breaks beside a year, as JSON values: it must not be compared across them.

    Parameters
    ----------
    study, year
        What was asked.
    series
        Those that matter; all where none is named.
    """
    return [
        {"after": one.after, "before": one.before, "series": one.series, "reason": one.reason}
        for one in study.info.breaks
        if year in (one.after, one.before) and (not series or one.series in series)
    ]


def created() -> datetime:
    """Now, in UTC; or SOURCE_DATE_EPOCH, where that is set, so that files can be equal."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not given:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"SOURCE_DATE_EPOCH must be whole seconds since 1970, found {given}"
        ) from None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
