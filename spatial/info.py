"""What a study says of itself: its name, source, groups and breaks, as study.json holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from typing import Any, Final

from spatial.schema import SchemaError

__all__ = ["Break", "Figure", "Group", "Pay", "Published", "Source", "StudyInfo", "Words"]

_CREDITS: Final = "attributions"

Words = dict[str, str]
"""One text in several languages: {"zh": ..., "en": ...}."""


@dataclass(frozen=True)
class Source:
    """Where the counts come from and on what terms."""

    name: str = ""
    url: str = ""
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True)
class Group:
    """A column of the counts that tells who is counted, such as stayers."""

    id: str
    title: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Break:
    """Two successive years of a series that cannot be compared, and why."""

    after: int
    before: int
    series: str
    reason: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A column of the districts that the page may show, with its words and unit."""

    column: str
    title: Words = field(default_factory=dict)
    unit: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """A figure printed elsewhere that stands beside an indicator of ours; year 0 where unsaid."""

    indicator: str
    value: float
    year: int = 0
    relation: str = ""
    about: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Pay:
    """What people in a sector are paid a month, in the study's currency."""

    id: str
    title: Words = field(default_factory=dict)
    monthly: float = 0.0


@dataclass(frozen=True)
class StudyInfo:
    """What study.json says of a study, the hashes of its files apart."""

    name: str
    resolution: int
    title: Words = field(default_factory=dict)
    place: Words = field(default_factory=dict)
    centre: tuple[float, float] | None = None
    groups: tuple[Group, ...] = ()
    source: Source = field(default_factory=Source)
    definitions: dict[str, Words] = field(default_factory=dict)
    synthetic: bool = False
    modelled: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    threshold: int = 0
    currency: Words = field(default_factory=dict)
    rent_edges: tuple[float, ...] = ()
    pay: tuple[Pay, ...] = ()
    figures: tuple[Figure, ...] = ()
    published: tuple[Published, ...] = ()
    notes: dict[str, Words] = field(default_factory=dict)
    audit: tuple[dict[str, Any], ...] = ()
    attributions: dict[str, Source] = field(default_factory=dict)
    """Where single tables come from, by name, where that is not the study's own source."""

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON values; attributions only where there are any."""
        content = asdict(self)
        return content if self.attributions else {k: content[k] for k in content if k != _CREDITS}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> StudyInfo:
        """
        The info in `given`; fields that are not known are left out.

        Raises
        ------
        SchemaError
            Naming every field that is missing or has the wrong form.
        """
        if not isinstance(given, dict):
            raise SchemaError("study.json: an object of fields is needed, found none")
        values = {f.name: given[f.name] for f in fields(cls) if f.name in given}
        faults = [f"{name} is missing" for name in ("name", "resolution") if name not in values]
        for name, value in values.items():
            right, wording = _FORMS[name]
            if not right(value):
                faults.append(f"{name} must be {wording}, found {_short(value)}")
        if faults:
            raise SchemaError("study.json: " + "; ".join(faults))
        return cls(**{name: _BUILD.get(name, _as_is)(value) for name, value in values.items()})


def _is_text(value: Any) -> bool:  # noqa: ANN401 - whatever a JSON file holds
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_resolution(value: Any) -> bool:  # noqa: ANN401
    return _is_whole(value) and 0 <= value <= 15


def _is_words(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_words_by_name(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, dict) and all(map(_is_words, value.values()))


def _is_place(value: Any) -> bool:  # noqa: ANN401
    if value is None:
        return True
    pair = isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))
    return pair and abs(value[0]) <= 90 and abs(value[1]) <= 180


def _list_of(right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list | tuple) and all(map(right, value))


def _object_of(**needed: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Whether a value is an object with known fields only, each of its form."""

    def right(value: Any) -> bool:  # noqa: ANN401
        known = isinstance(value, dict) and set(value) <= set(needed)
        return known and all(needed[name](one) for name, one in value.items())

    return right


def _with(right: Callable[[Any], bool], *names: str) -> Callable[[Any], bool]:
    return lambda value: right(value) and set(names) <= set(value)


_GROUP = _with(_object_of(id=_is_text, title=_is_words), "id")
_BREAK = _with(
    _object_of(after=_is_whole, before=_is_whole, series=_is_text, reason=_is_words),
    *("after", "before", "series"),
)
_FIGURE = _with(_object_of(column=_is_text, title=_is_words, unit=_is_words), "column")
_PUBLISHED = _with(
    _object_of(
        indicator=_is_text,
        value=_is_number,
        year=_is_whole,
        relation=lambda value: value in ("", ">", "<"),
        about=_is_words,
    ),
    *("indicator", "value"),
)
_PAY = _with(
    _object_of(id=_is_text, title=_is_words, monthly=lambda value: _is_number(value) and value > 0),
    *("id", "monthly"),
)
_SOURCE = _object_of(name=_is_text, url=_is_text, licence=_is_text, citation=_is_text)

_WORDS: Final = (_is_words, "texts by language")
_FORMS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "name": (_is_text, "a text"),
    "resolution": (_is_resolution, "0 to 15"),
    "title": _WORDS,
    "place": _WORDS,
    "centre": (_is_place, "latitude and longitude"),
    "groups": (_list_of(_GROUP), "a list of id and title"),
    "source": (_SOURCE, "name, url, licence and citation"),
    "definitions": (_is_words_by_name, "texts by language for each series"),
    "synthetic": (lambda value: isinstance(value, bool), "true or false"),
    "modelled": (_list_of(_is_text), "a list of texts"),
    "breaks": (_list_of(_BREAK), "a list of after, before, series and reason"),
    "threshold": (lambda value: _is_whole(value) and value >= 0, "0 or more"),
    "currency": _WORDS,
    "rent_edges": (_list_of(_is_number), "a list of numbers"),
    "pay": (_list_of(_PAY), "a list of id, title and monthly (above 0)"),
    "figures": (_list_of(_FIGURE), "a list of column, title and unit"),
    "published": (
        _list_of(_PUBLISHED),
        "a list of indicator, value, year, relation (empty, > or <) and about",
    ),
    "notes": (_is_words_by_name, "texts by language for each note"),
    "audit": (_list_of(lambda value: isinstance(value, dict)), "a list of objects"),
    _CREDITS: (
        lambda value: isinstance(value, dict) and all(map(_SOURCE, value.values())),
        "name, url, licence and citation by table",
    ),
}
_BUILD: Final[dict[str, Callable[[Any], Any]]] = {
    "centre": lambda value: None if value is None else (float(value[0]), float(value[1])),
    "groups": lambda value: tuple(Group(**one) for one in value),
    "source": lambda value: Source(**value),
    "breaks": lambda value: tuple(Break(**one) for one in value),
    "pay": lambda value: tuple(
        Pay(one["id"], one.get("title", {}), float(one["monthly"])) for one in value
    ),
    "figures": lambda value: tuple(Figure(**one) for one in value),
    "published": lambda value: tuple(Published(**one) for one in value),
    "modelled": tuple,
    "rent_edges": lambda value: tuple(map(float, value)),
    "audit": tuple,
    _CREDITS: lambda value: {name: Source(**one) for name, one in value.items()},
}


def _as_is(value: Any) -> Any:  # noqa: ANN401
    return value


def _short(value: Any) -> str:  # noqa: ANN401
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
