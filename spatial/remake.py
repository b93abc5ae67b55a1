"""Remake: the table a file's provenance speaks of, made again from a study."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from spatial.analysis import hotspot_table, neighbours_of, place_table
from spatial.commute_places import named_area
from spatial.commute_question import FlowQuestion
from spatial.commute_tables import flow_tables
from spatial.comparison import (
    answers_between,
    difference_table,
    lineages_between,
    reasons_against,
)
from spatial.criterion import Criterion
from spatial.drift_file import drift_again
from spatial.events import event_table
from spatial.export import with_geometry
from spatial.export_commute import FLOW_KINDS, FlowKind, flow_layer, flow_provenance
from spatial.homes import Homes
from spatial.homes_file import homes_layer
from spatial.homes_question import HomesKind, HomesQuestion
from spatial.ingest.errors import InputError
from spatial.provenance import Kind, KindBetween, provenance, provenance_between
from spatial.question import Question
from spatial.robustness_file import robustness_again
from spatial.schema import ROLES
from spatial.siting import rank, sensitivity
from spatial.siting_file import siting_table
from spatial.siting_provenance import siting_provenance
from spatial.siting_setting import Setting, screen_cells, screen_values
from spatial.siting_sites import clusters, named_sites
from spatial.study import Study
from spatial.two_years import Comparison
from spatial.variants import Shift

__all__ = ["Remade", "out_of", "remake"]

_BETWEEN: Final[tuple[KindBetween, ...]] = ("difference", "lineage")


@dataclass(frozen=True, eq=False)
class Remade:
    """A table as it is written, and the provenance that a file of it would carry today."""

    table: Any
    provenance: dict[str, Any]


def remake(study: Study, layer: str, told: Mapping[str, Any], *, stays: bool = True) -> Remade:
    """
    The table of a layer made again.

    Parameters
    ----------
    study
        Which it is made from.
    layer
        Name of the layer: cells, places, difference, lineage, or a table of flows or of homes.
    told
        Its provenance.
    stays
        Of a siting file: whether it holds how often a row stays among the best.

    Raises
    ------
    InputError
        When the provenance does not say enough to make the table again.
    """
    try:
        if "drift" in told:
            table, fresh = drift_again(study, told["drift"], out=out_of(told))
            return Remade(with_geometry(table), fresh)
        if "homes" in told:
            return _homes(study, layer, told)
        if "siting" in told:
            return _siting(study, told, stays=stays)
        if "flows" in told:
            return _flows(study, told)
        if "comparison" in told and layer in _BETWEEN:
            return _between(study, layer, told)
        if layer == "robustness":
            shift = cast(Shift, _options(told)["--shift"])
            return Remade(*robustness_again(study, told, shift=shift, out=out_of(told)))
        if "question" in told and layer in ("cells", "places"):
            return _of_a_year(study, cast(Kind, layer), told)
    except (AttributeError, KeyError, TypeError) as fault:
        raise InputError(
            f"the provenance must say all that the table was made by, found it lacks {fault}"
        ) from fault
    raise InputError(
        "only cells, places, how sure they are, differences, lineages, flows, homes and sites can"
        f" be made again, found {layer!r}"
    )


def _of_a_year(study: Study, kind: Kind, told: Mapping[str, Any]) -> Remade:
    question = Question.from_dict(told["question"])
    around = neighbours_of(study, question)
    table: pd.DataFrame = hotspot_table(study, question, neighbours=around)
    if kind == "places":
        table = place_table(study, question, table, neighbours=around).table
        fresh = provenance(study, question, kind="places", out=out_of(told))
    else:
        fresh = provenance(study, question, kind="cells", out=out_of(told))
    return Remade(with_geometry(table), fresh)


def _between(study: Study, kind: KindBetween, told: Mapping[str, Any]) -> Remade:
    asked = Comparison.from_dict(told["comparison"])
    around = neighbours_of(study, asked.question(asked.first))
    answers = answers_between(study, asked, neighbours=around)
    if kind == "difference":
        tables = {year: table for year, (table, _) in answers.items()}
        found = difference_table(study, asked, tables=tables, neighbours=around)
    else:
        places = {year: one for year, (_, one) in answers.items()}
        lineages = lineages_between(study, asked, answers=answers, neighbours=around)
        # Places know no base, so that a break in it does not touch them.
        reasons = [one for one in reasons_against(study, asked) if one.series != "base"]
        found = event_table(lineages, places, reasons=reasons)
    fresh = provenance_between(study, asked, kind=kind, out=out_of(told))
    return Remade(with_geometry(found), fresh)


def _siting(study: Study, told: Mapping[str, Any], *, stays: bool) -> Remade:
    asked = told["siting"]
    setting = Setting.from_dict(asked["setting"])
    criteria = [Criterion.from_dict(one) for one in asked["criteria"]]
    cells = asked["table"] == "cells"
    near = screen_cells(study, setting)
    values, missing = screen_values(study, setting, neighbours=near)
    ranked = rank(values, criteria)
    sites = clusters(ranked, values, criteria, most=setting.top, neighbours=near)
    sites = named_sites(study, sites, year=setting.year)
    drawn = None
    if stays:
        drawn = sensitivity(
            values if cells else sites.values,
            criteria,
            draws=setting.draws,
            top=setting.top,
            rng=np.random.default_rng(setting.seed),
        )
    table, kind = siting_table(values, ranked, None if cells else sites, drawn)
    fresh = siting_provenance(
        study, setting, criteria, missing, kind=kind, rows=len(table), out=out_of(told)
    )
    return Remade(with_geometry(table), fresh)


def _homes(study: Study, layer: str, told: Mapping[str, Any]) -> Remade:
    asked = told["homes"]
    if asked["table"] != layer:
        raise InputError(f"the file's provenance must be of {layer}, found {asked['table']}")
    homes = Homes(study, HomesQuestion.from_dict(asked["question"]))
    kind, tables = cast(HomesKind, layer), cast(list[HomesKind], asked["tables"])
    table, fresh = homes_layer(homes, kind, tables=tables, out=out_of(told))
    return Remade(with_geometry(table), fresh)


def _flows(study: Study, told: Mapping[str, Any]) -> Remade:
    asked = told["flows"]
    if asked["table"] not in FLOW_KINDS or "side" not in asked:
        raise InputError(
            "flows can be made again where the file says by which question, found none"
        )
    kind, year = cast(FlowKind, asked["table"]), int(asked["year"])
    options = _options(told)
    if "--polygon" in options:
        raise InputError(
            "flows of an area that was drawn in a file can be made again by their command alone,"
            f" beside {options['--polygon']}"
        )
    if asked["side"] not in ROLES:
        raise InputError(f"side must be one of {', '.join(ROLES)}, found {asked['side']}")
    how = {name: asked[name] for name in ("side", "resolution", "top")}
    area = named_area(study, options.get("--area", ""), year=year, **how)
    question = FlowQuestion(area=area, lines=int(options["--lines"]), **how)
    table = flow_tables(study, year, question).by_kind([kind])[kind]
    fresh = flow_provenance(study, year, kind, table, asked=question, rules=None, out=out_of(told))
    return Remade(flow_layer(table, kind), fresh)


def _options(told: Mapping[str, Any]) -> dict[str, str]:
    """Options of the command and their values."""
    words = shlex.split(str(told["command"]))
    return {
        word: value
        for word, value in zip(words, [*words[1:], ""], strict=True)
        if word.startswith("--")
    }


def out_of(told: Mapping[str, Any]) -> str:
    """Name of the file that the provenance's command writes."""
    return _options(told).get("--out", "FILE")
