"""What a page on two years says of itself: its title, its notes and its provenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from papers.content import Answered
from papers.sheet import note, notes_of
from papers.words import Lang, say, told
from spatial.account import asking
from spatial.drift import Drift
from spatial.provenance import provenance_between
from spatial.reasons import Reason
from spatial.study import Study
from spatial.trend import Proof
from spatial.two_years import Comparison

__all__ = ["account_between", "notes_between", "title_between"]

_ORDER: Final = (
    *("source", "counted", "method", "drift", "change", "trend", "breaks", "threshold", "map"),
    *("made", "also"),
)


def title_between(study: Study, asked: Comparison, *, lang: Lang) -> str:
    """Where graduates live or work, from one year to another; of which group, if of one."""
    info = study.info
    place = say(info.place, lang) or say(info.title, lang) or info.name
    key = f"brief title {asked.role}"
    text = told(key, lang, place=place, first=asked.first, year=asked.second)
    group = next((one for one in info.groups if one.id == asked.group), None)
    if group is None:
        return text
    return text + told("of group", lang, group=say(group.title, lang) or group.id)


def notes_between(
    answered: Answered,
    asked: Comparison,
    made: dict[str, Any],
    *,
    shape: Drift | None,
    proof: Proof,
    reasons: Sequence[Reason],
    also: Sequence[str] = (),
    lang: Lang,
    seed: int,
    lon: float = 0.0,
) -> dict[str, str]:
    """
    Source, definition, method, tests, breaks and how it is made again, by name and in order.

    Parameters
    ----------
    answered
        The second year.
    asked, made
        The two years, and the provenance of the page.
    shape, proof, reasons
        Of the city, where it is told; what so few years can prove; what speaks against them.
    also
        Names of the study's own notes that bear on what is shown.
    lang
        "zh" or "en".
    seed
        Of the draws behind the intervals.
    lon
        Central meridian of a printed map, degrees.
    """
    notes = notes_of(answered, made, lang=lang, lon=lon)
    if shape is not None:
        words = {"blocks": shape.blocks, "resamples": shape.resamples, "seed": seed}
        notes["drift"] = note("drift", told("method drift", lang, **words), lang=lang)
    change = told("method change", lang, alpha=f"{asked.alpha:g}")
    notes["change"] = note("change", change, lang=lang)
    key = "method trend" if proof.enough else "method few"
    trend = told(key, lang, years=proof.slices, p=f"{proof.smallest_p:.2g}")
    notes["trend"] = note("trend", trend, lang=lang)
    notes["breaks"] = note("breaks", _breaks(asked, reasons, lang), lang=lang)
    own = answered.study.info.notes
    if texts := [text for one in also if (text := say(own.get(one, {}), lang))]:
        notes["also"] = note("also", " ".join(texts), lang=lang)
    return {name: notes[name] for name in _ORDER if name in notes}


def account_between(
    study: Study,
    asked: Comparison,
    *,
    kind: Literal["brief", "page"],
    command: str,
    out: str,
    **choices: Any,  # noqa: ANN401 - whatever options the command has
) -> dict[str, Any]:
    """
    The provenance of the comparison, with how it was drawn and the command that draws it.

    Parameters
    ----------
    study, asked
        What is told of what.
    kind
        Name under which `choices` stand.
    command, out
        Of gradmap, and the file it writes.
    choices
        Options of the command.
    """
    made = provenance_between(study, asked, kind="difference", out=out)
    words: list[object] = ["--years", asked.first, asked.second, "--role", asked.role]
    default = Comparison(first=asked.first, second=asked.second, role=asked.role)
    for name in ("group", "k", "alpha", "top", "against"):
        if (value := getattr(asked, name)) != getattr(default, name):
            words += [f"--{name}", value]
    own = study.info.resolution
    words += ["--resolution", own if asked.resolution is None else asked.resolution]
    words += [part for name, value in choices.items() for part in (f"--{name}", value)]
    return made | {kind: choices, "command": asking(study, command, [*words, "--out", out])}


def _breaks(asked: Comparison, reasons: Sequence[Reason], lang: Lang) -> str:
    """Breaks between the two years, or that none is declared."""
    if not reasons:
        return told("breaks none", lang, first=asked.first, last=asked.second)
    return " ".join(
        told("break", lang, after=one.after, before=one.before, reason=say(one.reason, lang))
        for one in reasons
    )
