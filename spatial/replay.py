"""Replay: a file made again from what it carries, and what is different about it, if anything."""

from __future__ import annotations

import shlex
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from spatial.account import asked_of
from spatial.export import Stylist, ending_of
from spatial.formats import WRITERS, Style
from spatial.formats.carried import carried, tables_of
from spatial.formats.table import METADATA
from spatial.ingest.archive import checked_entries
from spatial.ingest.errors import InputError
from spatial.pages import PAGES, drawer
from spatial.remake import remake
from spatial.study import Study, open_study

__all__ = ["Findings", "Replay", "compare_provenance", "found_study", "replay"]

_EXACT: Final = (".csv", ".geojson", ".parquet")
"""Formats of which every byte is ours to choose, so that bytes are compared."""
_ASIDE: Final = ("created", "versions", "style")
"""What may differ in a file that is the same: when and with what it was made, and its colours."""
_KEYS: Final = ("cell", "id", "lineage", "peak")
_SHOWN: Final = 60  # characters of a value


@dataclass(frozen=True)
class Replay:
    """
    What became of a file that was made again.

    Parameters
    ----------
    file, layers
        Its name, and the layers it holds; none of a page.
    rows
        Of all of them.
    same_bytes
        Whether the file made again is the same to the last byte.
    differences
        What is different, one sentence each; none where everything agrees.
    notes
        What one should know and what is no difference: other versions, colours.
    page
        What kind of page it is, where it is one.
    """

    file: str
    layers: tuple[str, ...]
    rows: int
    same_bytes: bool
    differences: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    page: str = ""

    @property
    def identical(self) -> bool:
        """Whether nothing is different."""
        return not self.differences


@dataclass
class Findings:
    """What is found on the way: differences, and what one should know that is none."""

    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def replay(
    path: str | Path,
    *,
    study: Study | None = None,
    progress: Callable[[str], None] | None = None,
    stylist: Stylist | None = None,
) -> list[Replay]:
    """
    A file, or each in a zip as a page gives it, made again and compared with what it is.

    Parameters
    ----------
    path
        A file of any format that `export` writes, or a page that gradmap drew.
    study
        Which it is made from; where None, the one of the name in its command is looked for
        beside the file, in the current folder, and among the samples.
    progress
        Is told what takes its time.
    stylist
        Draws each table as its map does today, to be held against the colours of the file; these
        are taken from the file itself, so that where they are the map's every byte can be.

    Raises
    ------
    InputError
        When the file carries no provenance, or the study is not to be found.
    """
    file = Path(path)
    if file.suffix.lower() in PAGES:
        if not file.is_file():
            raise InputError(f"{file}: there is no such file")
        again: Replay = drawer("replay")(file, study=study, progress=progress)
        return [again]
    if ending := ending_of(file):
        return [_replayed(file, ending, study, file.parent, progress, stylist)]
    if file.suffix.lower() != ".zip":
        raise InputError(
            f"a file to replay ends in {', '.join([*WRITERS, *PAGES])}, or is a zip of tables,"
            f" found {file.name}"
        )
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    rule = f"{file.name}: a zip of files as gradmap writes them is needed, found"
    with tempfile.TemporaryDirectory(prefix="gradmap.") as folder:
        names = [one.filename for one in checked_entries(file, rule=rule, flat=True)]
        with zipfile.ZipFile(file) as archive:
            for name in names:
                (Path(folder) / Path(name).name).write_bytes(archive.read(name))
        inside = [Path(folder) / Path(name).name for name in names if ending_of(name)]
        if not inside:
            raise InputError(f"{rule} none")
        return [
            _replayed(one, ending_of(one), study, file.parent, progress, stylist) for one in inside
        ]


def found_study(told: Mapping[str, Any], *, beside: Path) -> Study:
    """
    The study that a file was made from: in the folder its command names, or a sample.

    Parameters
    ----------
    told
        The file's provenance.
    beside
        Folder of the file.

    Raises
    ------
    InputError
        When there is none.
    """
    from spatial.sources.beijing import sample

    named = _study_word(str(told.get("command", "")))
    names = [one for one in dict.fromkeys((named, str(told.get("study", "")))) if one]
    # A name from a stranger's file is a name and no path.
    names = [one for one in names if Path(one).name == one]
    folders = [place / one for place in (beside, Path.cwd()) for one in names]
    found = [one for one in folders if (one / "study.json").is_file()]
    if str(told.get("study", "")) == sample.PACKAGED.name or "gradmap sample " in str(
        told.get("command", "")
    ):
        found.append(sample.PACKAGED)
    opened = [open_study(one) for one in dict.fromkeys(found)]
    if not opened:
        raise InputError(
            f"the study {' or '.join(names) or 'of the file'} is needed beside the file or in"
            " this folder, found neither; name it with --study"
        )
    fitting = [one for one in opened if one.digest == told.get("study_digest")]
    return (fitting or opened)[0]


def _replayed(
    file: Path,
    ending: str,
    given: Study | None,
    beside: Path,
    progress: Callable[[str], None] | None,
    stylist: Stylist | None,
) -> Replay:
    layers = carried(file, ending)
    found = Findings()
    rows = 0
    study = given
    with tempfile.TemporaryDirectory(prefix="gradmap.") as folder:
        again = Path(folder) / file.name
        for layer, told in layers.items():
            if study is None:
                study = found_study(told, beside=beside)
            if progress is not None:
                progress(f"making {layer} of {file.name} again")
            stays = "siting" in told and _has_stays(file, ending, layer)
            made = remake(study, layer, told, stays=stays)
            compare_provenance(told, made.provenance, study, found)
            rows += len(made.table)
            style = _style_of(told, file)
            if style is not None and stylist is not None:
                _compare_styles(style, stylist(study, layer, made.table, told), found)
            WRITERS[ending](made.table, again, dict(told), layer, style=style)
        same = _compare_files(file, again, ending, list(layers), found)
    return Replay(
        file=file.name,
        layers=tuple(layers),
        rows=rows,
        same_bytes=same,
        differences=tuple(dict.fromkeys(found.differences)),
        notes=tuple(dict.fromkeys(found.notes)),
    )


def _style_of(told: Mapping[str, Any], file: Path) -> Style | None:
    """The classes and colours that a file says it has."""
    if "style" not in told:
        return None
    try:
        return Style.from_dict(told["style"])
    except (AttributeError, TypeError, ValueError) as fault:
        raise InputError(f"{file.name}: its style cannot be read: {fault}") from fault


def _compare_styles(was: Style, now: Style | None, found: Findings) -> None:
    """Colours are no difference; that they are not the map's must be known."""
    if now is None or was.in_one_tongue() != now.in_one_tongue():
        found.notes.append("its classes or colours are not those that the map has today")


def _has_stays(file: Path, ending: str, layer: str) -> bool:
    table = tables_of(file, ending, layer)
    return table is None or "stays" in table


def compare_provenance(
    told: Mapping[str, Any], fresh: Mapping[str, Any], study: Study, found: Findings
) -> None:
    """What the file says of itself against what a file made today would say."""
    if told.get("study_digest") != study.digest:
        found.differences.append(
            f"study: {study.path.name} has the digest {study.digest[:12]}, the file was made from"
            f" {str(told.get('study_digest'))[:12]}"
        )
    for key in dict.fromkeys([*told, *fresh]):
        if key in (*_ASIDE, "study_digest"):
            continue
        was, now = told.get(key), fresh.get(key)
        if key == "command":
            was, now = asked_of(str(was)), asked_of(str(now))
        if was != now:
            found.differences.append(
                f"provenance: {key} is {_short(was)} in the file, {_short(now)} made again"
            )
    versions = told.get("versions", {})
    for name in dict.fromkeys([*versions, *fresh["versions"]]):
        was, now = versions.get(name, "none"), fresh["versions"].get(name, "none")
        if was != now:
            found.notes.append(f"made with {name} {was}, made again with {now}")


def _compare_files(
    file: Path, again: Path, ending: str, layers: list[str], found: Findings
) -> bool:
    """Whether all bytes are the same; what is different about tables and bytes is told."""
    pairs = [(file, again)]
    if ending == ".csv":
        pairs.append((file.with_name(file.name + METADATA), again.with_name(again.name + METADATA)))
    contents = [(one.name, one.read_bytes(), other.read_bytes()) for one, other in pairs]
    if all(was == now for _, was, now in contents):
        return True
    apart = len(found.differences)
    for layer in layers:
        was, now = (tables_of(one, ending, layer) for one in (file, again))
        if was is not None and now is not None:
            _compare_tables(was, now, layer, found)
    if len(found.differences) > apart:
        return False
    unlike = [
        f"bytes: {name} differs from byte {_first_byte(was, now):,} of {len(was):,}"
        for name, was, now in contents
        if was != now
    ]
    if ending in (*_EXACT, ".pmtiles"):
        found.differences += unlike
    else:
        found.notes += ["the tables are the same, value for value", *unlike]
    return False


def _compare_tables(was: pd.DataFrame, now: pd.DataFrame, layer: str, found: Findings) -> None:
    """The first value that differs, and how many do."""
    if list(was.columns) != list(now.columns):
        gone = [str(one) for one in now.columns if one not in was]
        new = [str(one) for one in was.columns if one not in now]
        found.differences.append(
            f"{layer}: columns {', '.join(new) or 'none'} are in the file alone,"
            f" {', '.join(gone) or 'none'} made again alone"
            if gone or new
            else f"{layer}: columns are in another order"
        )
        return
    if len(was) != len(now):
        found.differences.append(f"{layer}: {len(was):,} rows in the file, {len(now):,} made again")
    rows = min(len(was), len(now))
    unlike = {
        str(name): _unlike(was[name].to_numpy()[:rows], now[name].to_numpy()[:rows])
        for name in was.columns
    }
    if not any(one.any() for one in unlike.values()):
        return
    row = min(int(np.flatnonzero(one)[0]) for one in unlike.values() if one.any())
    name = next(name for name, one in unlike.items() if one[row])
    key = next((f" ({one} {was[one].iloc[row]})" for one in _KEYS if one in was), "")
    count = sum(int(one.sum()) for one in unlike.values())
    found.differences.append(
        f"{layer}: {name} in row {row + 1}{key} is {_short(was[name].iloc[row])} in the file,"
        f" {_short(now[name].iloc[row])} made again; {count:,} values differ in all"
    )


def _unlike(was: Any, now: Any) -> Any:  # noqa: ANN401 - arrays of anything
    """Where two columns differ; missing is like missing."""
    missing = pd.isna(was) & pd.isna(now)
    return ~missing & np.array(
        [one != other for one, other in zip(was, now, strict=True)], dtype=np.bool_
    )


def _first_byte(was: bytes, now: bytes) -> int:
    """Place of the first byte that differs, from 1."""
    length = min(len(was), len(now))
    apart = np.frombuffer(was[:length], np.uint8) != np.frombuffer(now[:length], np.uint8)
    return (int(np.argmax(apart)) if apart.any() else length) + 1


def _study_word(command: str) -> str:
    words = _words(command)
    return words[2] if len(words) > 2 else ""


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command.rpartition("&& ")[2])
    except ValueError:
        return []


def _short(value: object) -> str:
    words = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    text = " ".join(value) if words and isinstance(value, list) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
