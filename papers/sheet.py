"""A map sheet of a study and a question: computed by `spatial`, drawn by `layers`."""

from __future__ import annotations

from typing import Any

from layers.fonts import Fonts, chinese_face
from layers.sheet import Orientation, Paper, Sheet, SheetContent, draw_sheet
from layers.sheet_plane import Bounds
from papers.content import Answered, area_of, cell_legend, map_of, solve
from papers.words import Lang, count, say, told
from spatial import cells as h3cells
from spatial.account import asking
from spatial.provenance import provenance
from spatial.question import Question
from spatial.reasons import incomparable
from spatial.study import Study

__all__ = ["fonts_for", "note", "notes_of", "sheet", "tag_of"]


def sheet(
    study: Study,
    question: Question,
    *,
    paper: Paper = "A4",
    orientation: Orientation = "portrait",
    lang: Lang = "zh",
    dpi: int = 300,
    title: str = "",
    bounds: Bounds | None = None,
    out: str = "map.pdf",
) -> Sheet:
    """
    One printed page: the question's map with all that a report needs beside it.

    Parameters
    ----------
    study, question
        What is shown of what.
    paper, orientation
        "A4" or "A3", "portrait" or "landscape".
    lang
        "zh" or "en".
    dpi
        Dots an inch of a PNG.
    title
        Instead of the sheet's own.
    bounds
        South, west, north and east edge of what must be seen, degrees; left out, what holds nine
        tenths of the graduates each way.
    out
        Name of the file, as the command that makes it again should write it.

    Raises
    ------
    FontError
        When the language is Chinese and no font on this machine has it.
    SheetError
        When paper, orientation or dpi are none that are known.
    QuestionError, SchemaError
        When the study cannot answer.
    """
    found = solve(study, question)
    choices: dict[str, Any] = {"paper": paper, "orientation": orientation, "lang": lang, "dpi": dpi}
    choices |= {"title": title} if title else {}
    choices |= {"bounds": list(bounds)} if bounds else {}
    made = _account(found, choices, out=out)
    shown = map_of(found, lang=lang, bounds=bounds)
    area, area_bounds = area_of(found)
    content = SheetContent(
        title=title or _title(found, lang),
        sentence=_sentence(found, lang),
        tag=tag_of(study, lang),
        quiet=_quiet(found, lang),
        map=shown,
        legend=cell_legend(found, lang=lang),
        listed=(told("list", lang), _listed(found, lang)),
        area=area,
        area_bounds=area_bounds,
        words={key: told(key, lang) for key in ("north", "inset", "km")}
        | {"ratio": told("ratio", lang, number="{number}")}
        | {"list of": told("list of", lang, shown="{shown}", all="{all}")},
        notes=list(
            notes_of(found, made, lang=lang, lon=(shown.bounds[1] + shown.bounds[3]) / 2).values()
        ),
        provenance=made,
    )
    fonts = fonts_for(content.texts, lang=lang)
    return draw_sheet(content, paper=paper, orientation=orientation, dpi=dpi, fonts=fonts)


def fonts_for(texts: list[str], *, lang: Lang) -> Fonts:
    """Fonts that print the texts: with Chinese where any is installed, else for English alone."""
    return Fonts(texts, chinese=lang == "zh" or chinese_face() is not None)


def tag_of(study: Study, lang: Lang) -> str:
    """What must be said large of a study that was not observed; empty where it was."""
    if study.info.synthetic:
        return told("tag", lang)
    if study.info.modelled:
        return told("modelled", lang, what=", ".join(study.info.modelled))
    return ""


def notes_of(found: Answered, made: dict[str, Any], *, lang: Lang, lon: float) -> dict[str, str]:
    """Source, what is counted, method, breaks, projection and how it is made again, by name."""
    study, question = found.study, found.question
    info = study.info
    keys = {"source": _source(made, lang), "counted": say(made["definition"], lang)}
    keys["method"] = _method(found, lang)
    keys["breaks"] = _breaks(study, question, lang)
    if info.threshold:
        keys["threshold"] = told("threshold", lang, threshold=info.threshold)
    keys["map"] = told("projection", lang, lon=f"{lon:.2f}".replace("-", "−"))
    keys["made"] = told(
        "made",
        lang,
        date=made["created"][:10],
        version=made["versions"].get("gradmap", ""),
        digest=study.digest[:12],
        command=made["command"],
    )
    return {key: note(key, text, lang=lang) for key, text in keys.items() if text}


def note(key: str, text: str, *, lang: Lang) -> str:
    """A text under its heading, in one line."""
    return told("note", lang, head=told(f"head {key}", lang), text=text)


def _account(found: Answered, choices: dict[str, Any], *, out: str) -> dict[str, Any]:
    """The provenance of the places, with how they were printed and the command that prints."""
    made = provenance(found.study, found.question, kind="places", out=out)
    question = found.question
    words: list[object] = ["--year", question.year, "--role", question.role]
    default = Question(year=question.year, role=question.role)
    for name in ("group", "measure", "statistic", "chance", "k", "alpha", "top"):
        if (value := getattr(question, name)) != getattr(default, name):
            words += [f"--{name}", value]
    own = found.study.info.resolution
    words += ["--resolution", own if question.resolution is None else question.resolution]
    if question.chance == "permutation":
        words += ["--permutations", question.permutations, "--seed", question.seed]
    for name, value in choices.items():
        words += [f"--{name}", *(value if isinstance(value, list) else [value])]
    command = asking(found.study, "sheet", [*words, "--out", out])
    return made | {"sheet": choices, "command": command}


def _title(found: Answered, lang: Lang) -> str:
    info, question = found.study.info, found.question
    place = say(info.place, lang) or say(info.title, lang) or info.name
    text = told(f"title {question.role}", lang, place=place, year=question.year)
    group = next((one for one in info.groups if one.id == question.group), None)
    if group is None:
        return text
    return text + told("of group", lang, group=say(group.title, lang) or group.id)


def _sentence(found: Answered, lang: Lang) -> str:
    table, question = found.places.table, found.question
    if table.empty:
        return told("sentence none", lang, year=question.year)
    first = table.loc[table["graduates"].idxmax()]
    return told(
        f"sentence {question.role}",
        lang,
        year=question.year,
        places=len(table),
        share=f"{float(table['share'].sum()):.0%}",
        name=(first["name"] if lang == "zh" else first["name_en"]) or first["name"],
    )


def _quiet(found: Answered, lang: Lang) -> str:
    resolution = found.question.resolution
    return told(
        "quiet",
        lang,
        total=count(float(found.cells["graduates"].sum()), lang),
        area=f"{float(h3cells.area_km2(found.cells.index).mean()):.2f}",
        resolution=found.study.info.resolution if resolution is None else resolution,
    )


def _listed(found: Answered, lang: Lang) -> list[tuple[str, str, str, str]]:
    table = found.places.table.sort_values("graduates", ascending=False)
    return [
        (
            str(number),
            str((one.name if lang == "zh" else one.name_en) or one.name),
            count(one.graduates, lang),
            f"{one.share * 100:.1f}%",
        )
        for number, one in enumerate(table.itertuples(), start=1)
    ]


def _source(made: dict[str, Any], lang: Lang) -> str:
    named = str(made["citation"] or made["source"] or made["study"]).strip()
    # Sentences of others' making do not all end as ours do.
    stop = "" if named.endswith((".", "。", "!", "?")) else told("full stop", lang)
    parts = [named + stop]
    if made["licence"]:
        parts.append(told("licence", lang, licence=made["licence"]))
    if made.get("attributions"):
        names = "; ".join(
            " ".join(filter(None, [one.get("name", ""), one.get("licence", "")]))
            for one in made["attributions"].values()
        )
        parts.append(told("and tables", lang, names=names))
    return " ".join(parts)


def _method(found: Answered, lang: Lang) -> str:
    question = found.question
    text = told(
        f"method {question.statistic}",
        lang,
        k=question.k,
        cells=count(len(found.cells), lang),
        alpha=f"{question.alpha:g}",
        top=question.top,
    )
    return f"{text}{'' if lang == 'zh' else ' '}{told('scale of colours', lang)}"


def _breaks(study: Study, question: Question, lang: Lang) -> str:
    years = study.years_of(question.role)
    found = incomparable(
        study,
        years[0],
        years[-1],
        role=question.role,
        group=question.group,
        measure=question.measure,
    )
    if len(years) == 1:  # nothing to be compared with
        return ""
    if not found:
        return told("breaks none", lang, first=years[0], last=years[-1])
    return " ".join(
        told("break", lang, after=one.after, before=one.before, reason=say(one.reason, lang))
        for one in found
    )
