"""A page drawn again from the provenance it carries, and what is different about it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from papers.hidden import read_hidden
from papers.page_files import carried_by
from papers.page_unlike import unlike
from spatial.account import saying
from spatial.compared import Compared
from spatial.ingest.errors import InputError
from spatial.question import Question
from spatial.remake import out_of
from spatial.replay import Findings, Replay, compare_provenance, found_study
from spatial.study import Study
from spatial.two_years import Comparison

__all__ = ["replay_page"]

_EPOCH: Final = "SOURCE_DATE_EPOCH"
_RESAMPLES: Final = 100_000  # more than the command takes


class _Drawn(Protocol):
    @property
    def provenance(self) -> dict[str, Any]: ...

    def save(self, path: str | Path) -> Path: ...


def replay_page(
    path: str | Path,
    *,
    study: Study | None = None,
    progress: Callable[[str], None] | None = None,
) -> Replay:
    """
    A page drawn again, at the time it says it was made, and compared with what it is.

    Parameters
    ----------
    path
        A map, a sheet or a brief, .html, .pdf, .png or .docx.
    study
        Which it is drawn from; where None, it is looked for as `spatial.replay.replay` does.
    progress
        Is told what takes its time.

    Raises
    ------
    InputError
        When the file carries no provenance, or not enough to draw it, or the study is not found.
    """
    file = Path(path)
    was = file.read_bytes()
    told = carried_by(was, name=file.name)
    kind, draw = _drawer(told, file.name)
    study = study or found_study(told, beside=file.parent)
    if progress is not None:
        progress(f"drawing {file.name} again")
    found = Findings()
    # The folder that the study lay in is no part of what was asked.
    said = saying(str(told.get("command", "")))
    with said, _time_of(told, file.name), tempfile.TemporaryDirectory(prefix="gradmap.") as folder:
        made = _drawn(draw, study, told)
        now = made.save(Path(folder) / file.name).read_bytes()
    compare_provenance(told, made.provenance, study, found)
    if was != now:
        shown, unseen = unlike(was, now, name=file.name)
        found.differences += shown
        found.notes += unseen
    return Replay(
        file=file.name,
        layers=(),
        rows=0,
        same_bytes=was == now,
        differences=tuple(dict.fromkeys(found.differences)),
        notes=tuple(dict.fromkeys(found.notes)),
        page=kind,
    )


def _drawer(
    told: Mapping[str, Any], name: str
) -> tuple[str, Callable[[Study, Mapping[str, Any]], _Drawn]]:
    """What kind of page a provenance speaks of, and what draws it."""
    if "sheet" in told and "question" in told:
        return "a map sheet", _sheet
    if "brief" in told and "comparison" in told:
        return "a brief", _brief
    if "page" in told and "comparison" in told:
        return "a map of two years", _change
    if "page" in told and "question" in told:
        return "a map", _map
    raise InputError(
        f"{name}: only a map, a sheet and a brief can be drawn again, and its provenance speaks of"
        " none"
    )


def _drawn(
    draw: Callable[[Study, Mapping[str, Any]], _Drawn], study: Study, told: Mapping[str, Any]
) -> _Drawn:
    try:
        return draw(study, told)
    except (AttributeError, KeyError, TypeError) as fault:
        raise InputError(
            f"the provenance must say all that the page was drawn by, found it lacks {fault}"
        ) from fault


def _map(study: Study, told: Mapping[str, Any]) -> _Drawn:
    from papers.html_map import study_map

    question = Question.from_dict(told["question"])
    choices = _shown(told["page"], "lang", "title")
    return study_map(study, question, out=out_of(told), **choices)


def _change(study: Study, told: Mapping[str, Any]) -> _Drawn:
    from papers.html_years import change_page

    compared = Compared(study, Comparison.from_dict(told["comparison"]))
    choices = _shown(told["page"], "lang", "view", "title")
    return change_page(compared, out=out_of(told), **choices)


def _sheet(study: Study, told: Mapping[str, Any]) -> _Drawn:
    from papers.sheet import sheet

    question = Question.from_dict(told["question"])
    known = ("paper", "orientation", "lang", "dpi", "title", "bounds")
    return sheet(study, question, out=out_of(told), **_choices(told["sheet"], *known))


def _brief(study: Study, told: Mapping[str, Any]) -> _Drawn:
    from papers.brief import brief

    asked = Comparison.from_dict(told["comparison"])
    choices = _choices(told["brief"], "lang", "resamples", "seed")
    if not 0 < choices["resamples"] <= _RESAMPLES:
        raise InputError(f"resamples must be 1 to {_RESAMPLES:,}, found {choices['resamples']:,}")
    return brief(study, asked.first, asked.second, comparison=asked, out=out_of(told), **choices)


def _choices(given: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """How a page was drawn, every choice being one that we know."""
    if unknown := sorted(set(given) - set(known)):
        raise InputError(f"a page is drawn by {', '.join(known)}, found {', '.join(unknown)}")
    return dict(given)


def _shown(given: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """The same of a map page, with the layers that it does not show at first."""
    found = _choices(given, *known, "hide")
    return found | ({"hide": read_hidden(found["hide"])} if "hide" in found else {})


@contextmanager
def _time_of(told: Mapping[str, Any], name: str) -> Iterator[None]:
    """Let all that is drawn be of the time that the page was made."""
    try:
        made = datetime.strptime(str(told.get("created")), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError as fault:
        raise InputError(f"{name}: its provenance must say when it was made: {fault}") from fault
    before = os.environ.get(_EPOCH)
    os.environ[_EPOCH] = str(int(made.timestamp()))
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_EPOCH, None)
        else:
            os.environ[_EPOCH] = before
