"""Places of a year as a map page shows them: on the map, in its table, and on a card."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from layers.cells import Frame
from layers.palette import ROLE
from papers.content import Answered
from papers.html_words import CLASSES, FACTS, MAP, UNITS
from papers.words import Lang, count

__all__ = ["card_of", "frame_of", "name_of", "panel_of"]

_SMALL: Final = 0.001


def frame_of(found: Answered, lang: Lang) -> Frame:
    """A year as the cell layer takes it: values, scores, and places with their names."""
    cells, places = found.cells, found.places
    number = pd.Series(np.arange(1, len(places.table) + 1), index=places.table["id"])
    held = pd.Series(number.reindex(places.member).to_numpy(float), index=places.member.index)
    table = cells[["value", "graduates", "z", "q", "hotspot"]]
    labels = [
        {
            "index": at,
            "name": name_of(row, lang),
            "number": count(row["graduates"], lang),
            "lat": float(row["lat"]),
            "lon": float(row["lon"]),
        }
        for at, (_, row) in enumerate(places.table.iterrows(), start=1)
    ]
    return Frame(
        str(found.question.year),
        table.assign(place=held.reindex(cells.index).fillna(0.0)),
        labels,
        float(cells["graduates"].sum()),
    )


def panel_of(found: Answered, lang: Lang) -> dict[str, Any]:
    """The table of places beside the map."""
    table = found.places.table
    ranks = table["graduates"].rank(ascending=False, method="first").astype(int).tolist()
    rows = [
        {
            "id": str(row["id"]),
            "index": at,
            "rank": ranks[at - 1],
            "name": name_of(row, lang),
            "kind": CLASSES[row["class"]][lang],
            "graduates": float(row["graduates"]),
            "count_text": count(row["graduates"], lang),
            "share": float(row["share"]),
        }
        for at, (_, row) in enumerate(table.iterrows(), start=1)
    ]
    words = {name: each[lang] for name, each in MAP.items()}
    return {
        "title": words["places"],
        "lang": lang,
        "words": words,
        "bar": ROLE[found.question.role][5],
        "places": rows,
        "card": None,
        "hint": words["hint"],
        "empty": words["empty"],
    }


def card_of(row: pd.Series, lang: Lang) -> dict[str, Any]:
    """What is known of a place; what is not is left out."""
    facts = {
        name: count(row[name], lang) for name in ("residence", "work") if not np.isnan(row[name])
    }
    facts |= {
        "share": f"{row['share']:.1%}",
        "density": f"{count(row['density'], lang)} {UNITS['density'][lang]}",
        "area": f"{row['area_km2']:.1f} km²",
    }
    if not np.isnan(row["q"]):
        facts["q"] = f"q < {_SMALL:g}" if row["q"] < _SMALL else f"q {row['q']:.3f}"
    return {
        "id": str(row["id"]),
        "facts": [{"label": FACTS[name][lang], "value": text} for name, text in facts.items()],
    }


def name_of(row: pd.Series, lang: Lang) -> str:
    """Name of a place in the reader's language."""
    return str((row["name"] if lang == "zh" else row["name_en"]) or row["name"])
