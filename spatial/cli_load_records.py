"""gradmap load records: raw records by the hundred million into the cells of a study."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_privacy import tell_hidden, threshold_option
from spatial.cli_tell import number, progress, tell_study

if TYPE_CHECKING:
    from spatial.ingest.record_rules import RecordRules
    from spatial.ingest.records import RecordResult
    from spatial.study import Study, StudyInfo

__all__ = ["records"]

_FILE: Final = click.Path(path_type=Path)
_RESOLUTION: Final = 9


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE_OR_FOLDER...")
@click.option("--into", required=True, type=_FILE, help="Study to make or add to.")
@click.option("--lat", default="", help="Column with the latitude, or northing.")
@click.option("--lon", default="", help="Column with the longitude, or easting.")
@click.option("--crs", default="WGS-84", show_default=True, help="WGS-84, GCJ-02, BD-09 or EPSG:n.")
@click.option("--cell", default="", help="Or column with an H3 cell, as fine as the study's.")
@click.option("--weight", default="", help="Column with the people of a record.  [default: 1 each]")
@click.option("--role", type=click.Choice(("residence", "work")), help="Role of all records.")
@click.option("--role-column", default="", help="Or column that says residence or work.")
@click.option("--residence-word", multiple=True, help="What it says for residence instead.")
@click.option("--work-word", multiple=True, help="What it says for work instead.")
@click.option("--year", default=0, help="Year of all records.")
@click.option("--time", "time_", default="", help="Or column with their time.")
@click.option("--years", default="", help="First and last year to take: 2022-2025.")
@click.option(
    "--utc-offset",
    default=0.0,
    help="Hours east of Greenwich of the clock a year begins by, for times since 1970 or zoned.",
)
@click.option("--group", default="", help="Column that says who is counted.")
@click.option("--groups", default="", help="Its values: stayers,arrivals.  [default: the study's]")
@click.option(
    "--resolution", type=int, help="H3 resolution of the cells.  [default: the study's, or 9]"
)
@click.option("--replace", is_flag=True, help="Replace a role and year that are there.")
@click.option("--work-dir", type=_FILE, help="Where sums of finished files wait, and are kept.")
@threshold_option
@click.option("--name", default="", help="Name of a new study.  [default: its folder's]")
@click.option("--source", default="", help="Where the records of a new study come from.")
@click.option("--url", default="", help="Address of that source.")
@click.option("--licence", default="", help="Its licence.")
@click.option("--citation", default="", help="How to cite it.")
def records(files: tuple[str, ...], into: Path, **to: Any) -> None:  # noqa: ANN401 - the options
    """
    Load raw records: one row per time, place and person-weight, as many as there are.

    Weights are added up, so a row must stand for people: signals of which a person sends many
    are to be made into person-weights before. Files are read by batches in bounded memory. What
    a finished file adds up to is kept, so a load that was stopped goes on where it was; with
    --work-dir a later load reads only files that are new or have changed.

    \b
    Example:
      gradmap load records signals/ --into city --lat lat --lon lon --crs GCJ-02 \\
        --weight people --role-column kind --time seen --utc-offset 8 --resolution 9
    """  # noqa: D301
    from spatial.ingest.records import load_records

    study = _there(into)
    rules = _rules(study, to)
    _check_study(study, rules, to)
    work = to["work_dir"] or into.resolve().parent / f".{into.resolve().name}.records"
    start = time.perf_counter()
    try:
        found = load_records(
            list(files),
            rules=rules,
            work=work,
            progress=lambda doing, share: progress(f"{share:4.0%} {doing}"),
        )
    except KeyboardInterrupt:
        progress("stopped: the same command goes on after the files that are done")
        raise
    took = time.perf_counter() - start
    progress("saving")
    saved = _save(into, study, found, rules, to, files)
    if not to["work_dir"]:
        shutil.rmtree(work, ignore_errors=True)
    _tell(found, saved, took)
    tell_study(saved)


def _there(into: Path) -> Study | None:
    from spatial.store import recover
    from spatial.study import open_study

    recover(into)
    return open_study(into) if (into / "study.json").is_file() else None


def _rules(study: Study | None, to: dict[str, Any]) -> RecordRules:
    from spatial.ingest.record_rules import RecordRules

    named = tuple(one.strip() for one in to["groups"].split(",")) if to["groups"] else ()
    own = () if study is None else tuple(one.id for one in study.info.groups)
    default = _RESOLUTION if study is None else study.info.resolution
    words = {"residence": to["residence_word"], "work": to["work_word"]}
    return RecordRules(
        resolution=default if to["resolution"] is None else to["resolution"],
        words=tuple((word, role) for role, said in words.items() for word in said),  # type: ignore[misc]
        time=to["time_"],
        groups=(named or own) if to["group"] else named,
        **{name: to[name] for name in ("lat", "lon", "cell", "weight", "role", "role_column")},
        **{name: to[name] for name in ("year", "utc_offset", "crs", "group")},
        years=_years(to["years"]),
    ).checked()


def _years(text: str) -> tuple[int, int]:
    from spatial.ingest.record_rules import YEARS

    if not text:
        return YEARS
    first, _, last = text.partition("-")
    try:
        return int(first), int(last or first)
    except ValueError:
        raise click.UsageError(f"years are written 2022-2025, found {text!r}") from None


def _check_study(study: Study | None, rules: RecordRules, to: dict[str, Any]) -> None:
    """Refuse before hours of reading what the study would refuse after them."""
    from spatial.privacy import check_threshold
    from spatial.schema import SchemaError

    if study is None:
        return
    if study.info.resolution != rules.resolution:
        raise SchemaError(
            f"{study.path} holds cells of resolution {study.info.resolution},"
            f" found {rules.resolution}"
        )
    own = [one.id for one in study.info.groups]
    if sorted(own) != sorted(rules.groups):
        raise SchemaError(
            f"{study.path} counts {' and '.join(own) or 'no groups'} apart; the records must too,"
            f" found {' and '.join(rules.groups) or 'none'}"
        )
    if to["threshold"]:
        check_threshold(study, to["threshold"])


def _save(
    into: Path,
    study: Study | None,
    found: RecordResult,
    rules: RecordRules,
    to: dict[str, Any],
    files: tuple[str, ...],
) -> Study:
    from spatial.store import add_counts

    info = _info(into, study, found, rules, to, files)
    replacing = sorted({role for role, _ in found.audit}) if to["replace"] else []
    return add_counts(into, info, found.counts, replacing=replacing)  # type: ignore[arg-type]


def _info(
    into: Path,
    study: Study | None,
    found: RecordResult,
    rules: RecordRules,
    to: dict[str, Any],
    files: tuple[str, ...],
) -> StudyInfo:
    from spatial.study import Group, Source, StudyInfo

    told = {
        "file": ", ".join(Path(one).name for one in files),
        "files": found.files,
        "crs": "" if rules.cell else rules.crs,
        "column": rules.weight,
        # Of all roles and years, and those who have none: the same beside every series.
        "records": {"in": found.records, "dropped": dict(found.dropped)},
        "people": {"in": found.whole.people_in, "dropped": dict(found.whole.dropped)},
    }
    told = {name: value for name, value in told.items() if value}
    entries = [
        {"role": role, "year": year, **told, **audit.to_dict()}
        for (role, year), audit in found.audit.items()
    ]
    groups = rules.groups if study is None else ()
    return StudyInfo(
        name=to["name"] or into.resolve().name,
        resolution=rules.resolution,
        groups=tuple(Group(one, {"en": one}) for one in groups),
        source=Source(to["source"], to["url"], to["licence"], to["citation"]),
        threshold=to["threshold"],
        audit=tuple(entries),
    )


def _tell(found: RecordResult, saved: Study, took: float) -> None:
    """Say where every record and everybody went, and what it took."""
    from spatial.cli_load import _tell as tell

    lost = sum(found.dropped.values())
    click.echo(
        f"{found.files:,} files, {found.records:,} records in, {found.on_map:,} on the map,"
        f" {lost:,} dropped"
    )
    for reason, records_lost in found.dropped.items():
        people = found.whole.dropped.get(reason, 0.0)
        click.echo(f"  {records_lost:,} records {reason}, {number(people)} people")
    tell("all records", found.whole)
    for (role, year), audit in found.audit.items():
        tell(f"{role} {year}", audit)
    for year in sorted({year for _, year in found.audit}):
        tell_hidden(saved, year=year)
    read = f"{found.kept:,} of the files had been added up before; " if found.kept else ""
    memory = _peak_mb()
    most = f", at most {memory:,.0f} MB of memory" if memory else ""
    click.echo(f"{read}{took:.1f} s, {found.records / max(took, 1e-9):,.0f} records a second{most}")


def _peak_mb() -> float:
    """Most memory this program has held, MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
