"""gradmap: the command line. Results on stdout, progress and one sentence of trouble on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from spatial.cli_ask import hotspots, places
from spatial.cli_check import check
from spatial.cli_commute import commute
from spatial.cli_homes import homes
from spatial.cli_layers import layers
from spatial.cli_load import load
from spatial.cli_privacy import suppress
from spatial.cli_profile import profile
from spatial.cli_replay import replay
from spatial.cli_robustness import robustness
from spatial.cli_siting import siting
from spatial.cli_tell import progress, tell_study
from spatial.cli_years import compare, drift

__all__ = ["main"]

_APP: Final = Path(__file__).resolve().parents[1] / "app.py"
_BAD_INPUT: Final = 2
_INTERRUPTED: Final = 130


class _Group(click.Group):
    """A group whose every trouble is one sentence on stderr and an exit code, no traceback."""

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **_more: Any,  # noqa: ANN401 - click's own, which this house has no use for
    ) -> NoReturn:
        """Run a command and leave with its exit code."""
        try:
            code = super().main(args, prog_name or "gradmap", standalone_mode=False)
            sys.stdout.flush()
        except click.Abort:
            _refuse("stopped", code=_INTERRUPTED)
        except click.ClickException as fault:
            _refuse(fault.format_message())
        except BrokenPipeError:  # whoever reads our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except (ValueError, OSError, MemoryError) as fault:
            # What the house refuses is a ValueError that says why; a disk's trouble is an OSError.
            _refuse(_sentence(fault))
        sys.exit(code if isinstance(code, int) else 0)


def _sentence(fault: BaseException) -> str:
    if isinstance(fault, OSError) and fault.strerror:
        return f"{fault.filename}: {fault.strerror}" if fault.filename else fault.strerror
    return str(fault) or type(fault).__name__


def _refuse(sentence: str, *, code: int = _BAD_INPUT) -> NoReturn:
    click.echo(f"gradmap: {' '.join(sentence.split())}", err=True)
    sys.exit(code)


@click.group(cls=_Group, invoke_without_command=True)
@click.version_option(package_name="gradmap")
@click.pass_context
def main(context: click.Context) -> None:
    """
    Where graduates live and work, cell by cell and year by year.

    A study is a folder; every command reads or makes one.

    \b
    Example:
      gradmap sample beijing
      gradmap places beijing --role work --top 10
      gradmap serve beijing
    """  # noqa: D301 - \b keeps click from filling the lines
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@main.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--seed", type=int, help="Make another city from this seed (takes a minute).")
def sample(out: Path, seed: int | None) -> None:
    """
    Save the synthetic Beijing sample as a study at OUT.

    \b
    Example:
      gradmap sample beijing
    """  # noqa: D301
    from spatial.sources.beijing import sample as beijing
    from spatial.store import copy_study

    if seed is None and (beijing.PACKAGED / "study.json").is_file():
        study = copy_study(beijing.PACKAGED, out)
    else:
        progress("making the sample from its seed")
        study = beijing.build(out, seed=beijing.SEED if seed is None else seed)
    tell_study(study)


@main.command()
@click.argument("study", type=click.Path(path_type=Path))
def verify(study: Path) -> None:
    """
    Check a study's hashes and tables and name every fault.

    What looks wrong in its rail is told after that, and whether its threshold is kept: such a
    study is sound.

    \b
    Example:
      gradmap verify beijing
    """  # noqa: D301
    from spatial.privacy import is_safe
    from spatial.rail_faults import rail_faults
    from spatial.study import open_study

    found = open_study(study)
    tell_study(found)
    for fault in rail_faults(found):
        click.echo(f"rail: {fault}")
    for remark in is_safe(found):
        click.echo(remark)


@main.command()
@click.argument("studies", nargs=-1, type=click.Path(path_type=Path), metavar="[STUDY]...")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
def serve(studies: tuple[Path, ...], port: int) -> None:
    """
    Show studies on a local page; the Beijing sample where none is named.

    \b
    Example:
      gradmap serve beijing washington --port 8600
    """  # noqa: D301
    for study in studies:
        if not (study / "study.json").is_file():
            raise click.ClickException(
                f"{study}: a study is a folder with a study.json, none found"
            )
    if not _APP.is_file():
        raise click.ClickException(f"the page is not installed: there is no {_APP}")
    shown = {"GRADMAP_STUDIES": os.pathsep.join(str(study.resolve()) for study in studies)}
    command = [sys.executable, "-m", "streamlit", "run", str(_APP)]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    click.echo(f"http://127.0.0.1:{port}")
    sys.stdout.flush()
    os.chdir(_APP.parent)  # Streamlit reads its settings from where it stands
    os.execve(sys.executable, command, os.environ | (shown if studies else {}))


main.add_command(load)
main.add_command(check)
main.add_command(layers)
main.add_command(hotspots)
main.add_command(places)
main.add_command(robustness)
main.add_command(compare)
main.add_command(drift)
main.add_command(homes)
main.add_command(siting)
main.add_command(commute)
main.add_command(profile)
main.add_command(replay)
main.add_command(suppress)

if __name__ == "__main__":
    main()
