"""The card of a chosen place: who, how much, since when, near what, at what rent, from where."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import Any

from spatial.card import Card, Rent, card
from spatial.schema import Role
from spatial.study import Study
from views.answers import answer
from views.query import Query
from views.text import Translate, count_text, percent_text, say
from views.words import KIND_OF_PLACE_WORDS, marked

__all__ = ["place_card"]


def place_card(query: Query, study: Study, tr: Translate) -> dict[str, Any] | None:
    """Facts of the chosen place as the panel shows them; None where none is chosen."""
    places = answer(query).places
    if not query.place or query.place not in set(places.table["id"]):
        return None
    other: Role = "residence" if query.role == "work" else "work"
    others = None
    if query.year in study.years_of(other):
        others = answer(replace(query, role=other)).places
    found = card(study, query.question(), places, query.place, others=others)
    facts = [
        _graduates(query, found, tr),
        _change(query, study, found, tr),
        _station(query, found, tr),
        _rent(query, study, found.rent, tr),
        _size(query, found, tr),
        _class(found, tr),
        _kind(query, tr),
        _quotient(query, tr),
        _flows(query, found, tr),
    ]
    by_year: Any = found.by_year["graduates"].to_dict()
    return {
        "id": query.place,
        "facts": [one for one in facts if one],
        "years": [
            {"label": str(year), "value": value, "text": count_text(value, query.lang)}
            for year, value in by_year.items()
        ],
    }


def _fact(label: str, value: str, *, help_text: str = "", wide: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "help": help_text, "wide": wide}


def _graduates(query: Query, found: Card, tr: Translate) -> dict[str, Any]:
    place: Any = found.place
    label = tr("Graduates' jobs") if query.role == "work" else tr("Graduates' homes")
    share = percent_text(float(place["share"]))
    return _fact(label, f"{count_text(place['graduates'], query.lang)} ({share})")


def _change(query: Query, study: Study, found: Card, tr: Translate) -> dict[str, Any] | None:
    """Change since the first year, within the outline of today."""
    first = int(found.by_year.index.min())
    if first == query.year:
        return None
    graduates: Any = found.by_year["graduates"].to_dict()
    before, now = graduates[first], graduates[query.year]
    label = tr("Since {year}").format(year=first)
    note = tr("Within the outline of {year}.").format(year=query.year)
    if study.break_between(first, query.year, series="graduates"):
        return _fact(label, tr("not comparable"), help_text=note)
    if not before:
        return _fact(label, tr("from none"), help_text=note)
    return _fact(label, f"{now / before - 1:+.1%}".replace("-", "−"), help_text=note)


def _station(query: Query, found: Card, tr: Translate) -> dict[str, Any] | None:
    if found.walk is None:
        return None
    name = found.walk.name if query.lang == "zh" else found.walk.name_en
    value = tr("{station}, {minutes} min walk").format(
        station=name, minutes=max(1, round(found.walk.minutes))
    )
    note = tr("From the middle of the place as the crow flies, at 80 m a minute.")
    return _fact(tr("Nearest station"), value, help_text=note)


def _rent(query: Query, study: Study, rent: Rent | None, tr: Translate) -> dict[str, Any] | None:
    if rent is None:
        return None
    low, high = rent.band
    unit = tr("{currency} a month").format(currency=say(study.info.currency, query.lang)).strip()
    if low is None:
        band = f"< {high:g}"
    elif high is None:
        band = f"≥ {low:g}"
    else:
        band = f"{low:g}–{high:g}"
    where = tr("in or within 1 km of the place") if rent.near else tr("in the place")
    note = tr("Band of the median of {count} listings {where}, {year}.").format(
        count=rent.listings, where=where, year=rent.year
    )
    return _fact(tr("Rent nearby"), f"{band} {unit}", help_text=note)


def _size(query: Query, found: Card, tr: Translate) -> dict[str, Any]:
    place: Any = found.place
    value = tr("{area} km², {cells} cells").format(
        area=f"{place['area_km2']:.1f}", cells=count_text(place["cells"], query.lang)
    )
    return _fact(tr("Size"), value)


_RULES = {
    "jobs": marked("Its share of all graduates' jobs is at least twice its share of their homes."),
    "homes": marked("Its share of all graduates' homes is at least twice its share of their jobs."),
    "campus": marked("It does not lean to work, and a campus lies within 1 km of its middle."),
    "both": marked("Neither homes nor jobs lead by a factor of two."),
    "role": marked("Only one side of the commute is counted in this study."),
}


def _class(found: Card, tr: Translate) -> dict[str, Any] | None:
    text = _RULES.get(str(found.place["rule"]))
    return _fact(tr("Why this class"), tr(text), wide=True) if text else None


def _kind(query: Query, tr: Translate) -> dict[str, Any] | None:
    """Which rule of the kinds of place fired, with its number."""
    # The first screen does without what only a card needs.
    from views.homes_data import homes_asked
    from views.topics.kinds import fired_text

    table = homes_asked(query, "kinds").kinds
    if table is None or query.place not in table.index:
        return None
    told: Any = table.loc[query.place]
    words = tr(KIND_OF_PLACE_WORDS[str(told["kind"])])
    if len(told["fired"]):
        words = fired_text(told["fired"][0], query.lang, tr)
    return _fact(tr("Kind"), words, wide=True)


def _quotient(query: Query, tr: Translate) -> dict[str, Any] | None:
    """Graduates of the place against its base."""
    from views.homes_data import homes_asked

    table = homes_asked(query, "quotient").concentration.places
    if query.place not in table.index:
        return None
    one: Any = table.loc[query.place]
    if isnan(one["lq"]):
        return None
    note = tr("Quotient 2: twice as many graduates as the base would lead one to expect.")
    value = f"{one['lq']:.2f} ({one['low']:.2f}–{one['high']:.2f})"
    return _fact(tr("Location quotient"), value, help_text=note)


def _flows(query: Query, found: Card, tr: Translate) -> dict[str, Any] | None:
    rows: Any = found.flows.to_dict("records")
    named = [one for one in rows if one["kind"] != "elsewhere"][:3]
    if not named:
        return None
    label = tr("Most live in") if query.role == "work" else tr("Most work in")
    words = [
        f"{one['name' if query.lang == 'zh' else 'name_en']} {percent_text(one['share'])}"
        for one in named
    ]
    return _fact(label, " · ".join(words), wide=True)
