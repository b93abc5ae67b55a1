"""gradmap load lodes: jobs of the United States by home and workplace block, into a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from spatial.cli_privacy import threshold_option
from spatial.cli_tell import number, progress, tell_study

if TYPE_CHECKING:
    from spatial.sources.lodes import LodesResult
    from spatial.study import Study

__all__ = ["lodes"]

_FILE: Final = click.Path(path_type=Path)
_RESOLUTION: Final = 8
_STEP: Final = 0.1  # of a file, between two words of progress


@click.command()
@click.option("--into", required=True, type=_FILE, help="Study to make or add to: --into ncr")
@click.option("--state", multiple=True, help="State by its letters: --state dc --state va")
@click.option("--years", default="", help="Years: --years 2018, --years 2010-2023")
@click.option(
    "--tables",
    default="wac,rac,od",
    show_default=True,
    help="Jobs at work, at home, and flows: --tables wac,rac",
)
@click.option(
    "--job-type",
    default="JT00",
    show_default=True,
    help="All jobs (JT00), main jobs (JT01), ... to JT05: --job-type JT01",
)
@click.option(
    "--version",
    type=click.Choice(("8", "7")),
    default="8",
    show_default=True,
    help="8 counts by blocks of 2020, 7 by those of 2010, to 2019: --version 7",
)
@click.option(
    "--from",
    "folder",
    type=_FILE,
    help="Folder with the files, instead of fetching them: --from downloads",
)
@click.option(
    "--cache",
    type=_FILE,
    help="Where fetched files are kept: --cache lodes  [default: ~/.cache/gradmap/lodes]",
)
@click.option(
    "--mirror",
    default="",
    help="Address of a copy of the files: --mirror http://localhost:8000/lodes"
    "  [default: the Census Bureau's]",
)
@click.option(
    "--zones",
    type=_FILE,
    help="Polygons to spread blocks over where a crosswalk is missing, matched by the first digits"
    " of their ids: --zones block_groups.geojson",
)
@click.option("--zone-id", default="", help="Their column of ids: --zone-id geoid")
@click.option(
    "--proxy",
    type=click.Choice(("SE03",)),
    help="Flows of high earners (over $3,333 a month) instead of all workers: --proxy SE03",
)
@click.option(
    "--flow-years",
    default="",
    help="Years of flows: --flow-years 2023  [default: the last of --years, as many as a study"
    " holds with ease]",
)
@click.option("--resolution", type=int, help="H3: --resolution 8  [default: the study's, or 8]")
@click.option(
    "--file", "file", type=_FILE, help="One file with LODES' columns: --file 47900_all2023.csv"
)
@click.option("--kind", type=click.Choice(("wac", "rac")), help="What that file counts: --kind wac")
@click.option("--year", type=int, help="Its year: --year 2023")
@click.option("--id", "id_", default="", help="Its column of ids: --id bgrp")
@click.option("--replace", is_flag=True, help="Replace a role and year that are there: --replace")
@click.option(
    "--allow-break",
    is_flag=True,
    help="Mix blocks of 2010 and 2020, or job types, and record the break: --allow-break",
)
@threshold_option
@click.option("--name", default="", help="Name of a new study: --name capital")
def lodes(into: Path, **to: Any) -> None:  # noqa: ANN401 - the options above
    """
    Load LODES: graduates (30 or older) where they live and work, and flows of all workers.

    Graduates are jobs held by people of 30 or older with a bachelor's degree or higher (CD04); the
    base is all jobs held by people of 30 or older (CA02 + CA03), since LODES tells the education
    of nobody younger. Flows tell no education at all: they count all workers, or high earners
    with --proxy SE03.

    Blocks stand where their state's crosswalk says. Without --from the files are fetched from the
    Census Bureau, kept, and a cut transfer is carried on. A file that is not there is no data for
    that state and year, and is listed.

    \b
    Example:
      gradmap load lodes --state dc --state md --state va --years 2010-2023 --into capital
      gradmap load lodes --state va --years 2018 --tables rac --version 7 --from downloads \\
        --zones block_groups_2010.geojson --into virginia
      gradmap load lodes --file 47900_all2023.csv --kind wac --year 2023 \\
        --zones block_groups_2020.geojson --into capital
    """  # noqa: D301
    from spatial.privacy import check_threshold
    from spatial.sources.lodes.save import save_lodes, study_at

    study = study_at(into)
    if study is not None and to["threshold"]:
        check_threshold(study, to["threshold"])
    if to["resolution"] is None:
        to["resolution"] = _RESOLUTION if study is None else study.info.resolution
    result = _file(study, to) if to["file"] is not None else _states(study, to)
    progress("saving")
    saved = save_lodes(
        into,
        result,
        name=to["name"],
        threshold=to["threshold"],
        replace=to["replace"],
        allow_break=to["allow_break"],
    )
    _tell(saved, result)
    tell_study(saved)


def _file(study: Study | None, to: dict[str, Any]) -> LodesResult:
    """What one file under any name gives."""
    from spatial.sources.lodes.load import ROLE_OF, load_lodes_file

    if to["state"] or to["years"] or to["folder"] is not None:
        raise click.UsageError("--file is one file: leave out --state, --years and --from")
    needed = {"--kind": to["kind"], "--year": to["year"], "--zones": to["zones"]}
    if missing := [name for name, given in needed.items() if given is None]:
        raise click.UsageError(f"--file needs {', '.join(needed)}, found no {missing[0]}")
    _check_year(to["year"])
    _check_room(study, to, [(ROLE_OF[to["kind"]], to["year"])])
    return load_lodes_file(
        to["file"],
        kind=to["kind"],
        year=to["year"],
        resolution=to["resolution"],
        zones=to["zones"],
        zone_id=to["zone_id"],
        id=to["id_"],
        version=int(to["version"]),  # type: ignore[arg-type]
        job_type=to["job_type"],
        tell=_Progress(),
    )


def _states(study: Study | None, to: dict[str, Any]) -> LodesResult:
    """What the files of states and years give."""
    from spatial.sources.lodes.load import ROLE_OF, load_lodes
    from spatial.sources.lodes.naming import Wanted, states_of, tables_of, years_of

    for name in ("kind", "year", "id_"):
        if to[name]:
            raise click.UsageError(f"--{name.strip('_')} speaks of --file, found none")
    if not to["years"]:
        raise click.UsageError("a load of LODES needs --state and --years, or --file")
    wanted = Wanted(
        states_of(to["state"]),
        years_of(to["years"]),
        tables_of(to["tables"]),
        to["job_type"],
        int(to["version"]),  # type: ignore[arg-type]
        to["proxy"] or "S000",
        years_of(to["flow_years"]) if to["flow_years"] else (),
    )
    series = [
        (ROLE_OF.get(table, "flows"), year)
        for table in wanted.tables
        for year in wanted.years_of(table)
    ]
    _check_room(study, to, series)
    return load_lodes(
        wanted,
        resolution=to["resolution"],
        folder=to["folder"],
        cache=to["cache"],
        home=to["mirror"],
        zones=to["zones"],
        zone_id=to["zone_id"],
        tell=_Progress(),
    )


def _check_year(year: int) -> None:
    from spatial.sources.lodes.naming import years_of

    years_of(str(year))


def _check_room(study: Study | None, to: dict[str, Any], series: list[tuple[str, int]]) -> None:
    """Refuse what may not go in before anything is fetched or read: that may take its time."""
    from spatial.sources.lodes.naming import BLOCKS
    from spatial.sources.lodes.save import check_room

    check_room(
        study,
        series=series,
        blocks=BLOCKS[int(to["version"])],
        job_type=to["job_type"],
        resolution=to["resolution"],
        replace=to["replace"],
        allow_break=to["allow_break"],
    )


class _Progress:
    """Tells a person at a terminal what is being done, a tenth of a file at a time."""

    def __init__(self) -> None:
        self._doing, self._share = "", 0.0

    def __call__(self, doing: str, share: float) -> None:
        if doing == self._doing and share < min(self._share + _STEP, 1.0):
            return
        self._doing, self._share = doing, share
        progress(f"{share:4.0%} {doing}")


def _tell(study: Study, result: LodesResult) -> None:
    """Say where everybody went, what there was no data for, and which years do not compare."""
    from spatial.cli_load import _tell as tell
    from spatial.ingest import Audit
    from spatial.sources.lodes.gather import missing_words, year_words
    from spatial.sources.lodes.save import left_out
    from spatial.store_flows import FROM_FLOWS

    years = set(result.flow_years)
    mine = {(one["role"], one["year"]) for one in result.entries} | {("flows", y) for y in years}
    for one in study.info.audit:
        derived = one.get("method") == FROM_FLOWS and one.get("year") in years
        if (one.get("role"), one.get("year")) not in mine and not derived:
            continue
        series = f"{one['role']} {one['year']}"
        audit = Audit(one["people_in"], one["on_map"], one["dropped"], tuple(one["notes"]))
        tell(series, audit)
        if "base" in one:
            base = one["base"]
            click.echo(
                f"  base: {number(base['people_in'])} in, {number(base['on_map'])} on the map"
            )
    noted = {note for one in result.entries for note in one["notes"]}
    for sentence in (one for one in result.warnings if one not in noted):
        click.echo(sentence)
    for line in missing_words(result.missing):
        click.echo(f"no data for {line}")
    if years_left := year_words(left_out(study, result)):
        click.echo(
            f"flows of {years_left} left out, which would make a heavy study: name the years to"
            " have with --flow-years"
        )
    for broken in study.info.breaks:
        click.echo(f"break in {broken.series}: {broken.reason.get('en', '')}")
