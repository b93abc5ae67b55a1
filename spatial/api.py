"""Asking in Python: what `spatial.open` gives, and the questions that are a study's methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

    from spatial.areas import Area
    from spatial.commute_report import CommuteReport
    from spatial.compared import Compared
    from spatial.homes import Homes
    from spatial.places import Places
    from spatial.question import Question
    from spatial.robustness import Robustness
    from spatial.schema import Role
    from spatial.screened import Screened
    from spatial.study import Study
    from spatial.variants import Shift

__all__ = [
    "SAMPLE",
    "commute",
    "compare",
    "homes",
    "hotspots",
    "open_named",
    "places",
    "question_of",
    "robustness",
    "siting",
]

SAMPLE: Final = "beijing-sample"
"""Name under which `open_named` knows the packaged, synthetic study."""


def open_named(path: str | Path = SAMPLE) -> Study:
    """
    The study in a folder, checked; the packaged synthetic sample where none is named.

    Raises
    ------
    SchemaError
        Naming everything that is wrong with it.
    """
    from spatial.study import open_study

    if path == SAMPLE:
        return open_study(Path(str(files("spatial.sources.beijing") / "study")))
    return open_study(path)


def question_of(study: Study, **asked: Any) -> Question:  # noqa: ANN401 - a question's own fields
    """
    The question in `asked`, at the latest year of its role where none is named.

    Raises
    ------
    QuestionError
        When a field is not known or out of its range, or the role is counted in no year.
    """
    from spatial.question import Question, QuestionError

    if asked.get("year") is None:
        role = asked.get("role", "work")
        years = study.years_of(role)
        if not years:
            raise QuestionError(f"{study.info.name} counts {role} in no year")
        asked = asked | {"year": years[-1]}
    return Question.from_dict(asked)


def hotspots(study: Study, **question: Any) -> pd.DataFrame:  # noqa: ANN401
    """
    Every cell of the study area, with how far it stands out and how likely that is by chance.

    Parameters
    ----------
    study
        What is asked.
    question
        Fields of `Question`: year (the latest where left out), role, group, measure, statistic,
        chance, resolution, k, alpha, permutations, seed.

    Returns
    -------
    pandas.DataFrame
        As `analysis.hotspot_table` gives it.
    """
    from spatial.analysis import hotspot_table

    return hotspot_table(study, question_of(study, **question))


def places(study: Study, **question: Any) -> Places:  # noqa: ANN401
    """
    The most prominent places, named and classed; `top` of them at most.

    Parameters
    ----------
    study
        What is asked.
    question
        As for `hotspots`.
    """
    from spatial.analysis import hotspot_table, neighbours_of, place_table

    asked = question_of(study, **question)
    around = neighbours_of(study, asked)
    table = hotspot_table(study, asked, neighbours=around)
    return place_table(study, asked, table, neighbours=around)


def robustness(
    study: Study,
    *,
    resolutions: Sequence[int] | None = None,
    ks: Sequence[int] | None = None,
    alphas: Sequence[float] | None = None,
    shift: Shift = "own",
    tell: Callable[[int, int], None] | None = None,
    **question: Any,  # noqa: ANN401
) -> Robustness:
    """
    How often each place is found again when the question is asked a little otherwise.

    Parameters
    ----------
    study
        What is asked.
    resolutions, ks, alphas, shift
        What is varied, as `variants.variants_of` takes it: one step either way, and the grid
        shifted in six directions, where left out.
    tell
        Told how many variants are done, and of how many.
    question
        As for `hotspots`.
    """
    from spatial.robustness import robustness as robustness_of
    from spatial.variants import variants_of

    asked = question_of(study, **question)
    varied = variants_of(study, asked, resolutions=resolutions, ks=ks, alphas=alphas, shift=shift)
    return robustness_of(study, asked, varied, tell=tell)


def compare(
    study: Study,
    first: int | None = None,
    second: int | None = None,
    *,
    role: Role = "residence",
    **asked: Any,  # noqa: ANN401
) -> Compared:
    """
    Two years side by side; the first and the last of the role where none are named.

    Parameters
    ----------
    study
        What is asked.
    first, second
        Years of observation, the earlier one first.
    role
        Homes or jobs.
    asked
        Further fields of `Comparison`: group, resolution, k, alpha, top, against.
    """
    from spatial.compared import Compared
    from spatial.comparison import Comparison, years_between
    from spatial.question import QuestionError

    counted = study.years_of(role)
    if len(counted) < 2:
        raise QuestionError(
            f"a comparison needs two years, and {study.info.name} counts {role} in"
            f" {', '.join(map(str, counted)) or 'none'}"
        )
    told = {"first": first or counted[0], "second": second or counted[-1], "role": role}
    comparison = Comparison.from_dict(told | asked)
    years_between(study, comparison)
    return Compared(study, comparison)


def commute(
    study: Study,
    year: int | None = None,
    *,
    area: str | Area = "",
    side: Role = "residence",
    **how: Any,  # noqa: ANN401
) -> CommuteReport:
    """
    Every indicator of the commute of an area in one year.

    Parameters
    ----------
    study
        What is asked.
    year
        The latest with flows where left out, else the latest.
    area
        A district or place by id or name; "" for the whole study.
    side
        People who live in the area, or who work there.
    how
        As `commute_report` takes it: bands_km, sphere, transport, draws, seed, ...
    """
    from spatial.commute_places import named_area
    from spatial.commute_report import commute_report
    from spatial.pairs import flow_years
    from spatial.question import QuestionError

    years = flow_years(study) or study.years
    if not years:
        raise QuestionError(f"{study.info.name} has flows and counts of no year")
    year = years[-1] if year is None else year
    found = named_area(study, area, year=year, side=side) if isinstance(area, str) else area
    return commute_report(study, year, area=found, side=side, **how)


def siting(
    study: Study,
    *,
    weights: Mapping[str, float] | None = None,
    limits: Mapping[str, float | None] | None = None,
    **setting: Any,  # noqa: ANN401
) -> Screened:
    """
    Sites for small homes, ranked: near rail and work, under a rent, where graduates are.

    Parameters
    ----------
    study
        What is asked.
    weights, limits
        By criterion, in place of the proposed ones; a weight of 0 leaves a criterion out, a limit
        of None excludes nothing.
    setting
        Fields of `Setting`: year (the latest where left out), resolution, area, reach_km, ...
    """
    from spatial.question import QuestionError
    from spatial.screened import Screened
    from spatial.siting_criteria import default_criteria, set_criteria
    from spatial.siting_setting import Setting, screen_cells, screen_values

    if not study.years:
        raise QuestionError(f"{study.info.name} counts nobody in any year")
    asked = Setting.from_dict({"year": study.years[-1]} | setting)
    near = screen_cells(study, asked)
    values, missing = screen_values(study, asked, neighbours=near)
    criteria = set_criteria(default_criteria(study, values), weights=weights, limits=limits)
    return Screened(study, asked, values, dict(missing), tuple(criteria), near)


def homes(study: Study, topic: str = "quotient", **asked: Any) -> Homes:  # noqa: ANN401
    """
    What the page on homes shows of a topic, each table worked out when it is first asked for.

    Parameters
    ----------
    study
        What is asked.
    topic
        "quotient" (graduates against their base), "rent", "access" (walks to metro and campus),
        "kinds" (of place) or "balance" (homes or jobs).
    asked
        Further fields of `HomesQuestion`: year (the latest where left out), role, group,
        resolution, k, alpha, top, rent_kind, rent_per, rent_edges, pay, walk_m, rules.

    Raises
    ------
    QuestionError
        When a field is not known, out of its range or of no use to the topic.
    """
    from spatial.homes import Homes
    from spatial.homes_question import HomesQuestion
    from spatial.question import QuestionError

    told = {"topic": topic} | asked
    if told.get("year") is None:
        roled = topic in ("quotient", "access", "kinds")
        years = study.years_of(told.get("role") or "work") if roled else study.years
        if not years:
            role = f"{told.get('role') or 'work'} in no year" if roled else "nobody in any year"
            raise QuestionError(f"{study.info.name} counts {role}")
        told["year"] = years[-1]
    return Homes(study, HomesQuestion.from_dict(told))
