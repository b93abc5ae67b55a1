"""Pages of a study: what draws them stands above this package and is looked up when asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

if TYPE_CHECKING:
    from spatial.compared import Compared
    from spatial.schema import Role
    from spatial.study import Study

__all__ = [
    "GROUP",
    "PAGES",
    "Page",
    "PageError",
    "brief",
    "brief_between",
    "change",
    "drawer",
    "map_page",
    "sheet",
]

GROUP: Final = "gradmap.papers"
"""Entry points under which an installed package offers to draw: map, change, sheet, brief."""
PAGES: Final = (".html", ".htm", ".pdf", ".png", ".docx")
"""Endings of what they draw, which `replay` has them draw again."""
_AS_SHOWN: Final = 8  # the resolution that the app proposes
_WORDS: Final = {"change": "a map of two years", "replay": "what a page shows"}

Lang = Literal["zh", "en"]


class PageError(ValueError):
    """A page that nothing installed can draw."""


class Page(Protocol):
    """What is drawn: it shows itself in a notebook, and `save` writes it."""

    def save(self, path: str | Path) -> Path:
        """The file written, in the format its ending names; what was there is replaced."""
        ...

    def _repr_html_(self) -> str: ...


def map_page(
    study: Study,
    *,
    lang: Lang = "en",
    title: str = "",
    hide: Collection[str] = ("campuses",),
    out: str = "map.html",
    **question: Any,  # noqa: ANN401 - a question's own fields
) -> Page:
    """
    The interactive map of a question in one file that needs no network; `save("map.html")`.

    Parameters
    ----------
    study
        What is asked.
    lang
        "en" or "zh".
    title
        Instead of the page's own.
    hide
        Layers not shown at first: cells, places, rail, districts, campuses, ground.
    out
        Name of the file, as the command that makes it again should write it.
    question
        Fields of `Question`, as for `hotspots`; the resolution is 8 where left out, or the
        study's own where that is coarser, as in the app.

    Raises
    ------
    PageError
        When nothing that draws is installed.
    """
    made: Page = drawer("map")(study, lang=lang, title=title, hide=hide, out=out, **question)
    return made


def sheet(
    study: Study,
    *,
    paper: Literal["A4", "A3"] = "A4",
    orientation: Literal["portrait", "landscape"] = "portrait",
    lang: Lang = "en",
    dpi: int = 300,
    title: str = "",
    out: str = "map.pdf",
    **question: Any,  # noqa: ANN401 - a question's own fields
) -> Page:
    """
    One printed map with all that a report needs beside it; `save` writes .pdf or .png.

    Parameters
    ----------
    study, lang, title, out, question
        As for `map`.
    paper, orientation
        "A4" or "A3", "portrait" or "landscape".
    dpi
        Dots an inch of a PNG.

    Raises
    ------
    PageError
        When nothing that draws is installed.
    """
    from spatial.api import question_of

    asked = question_of(study, **{"resolution": _shown(study)} | question)
    made: Page = drawer("sheet")(
        study,
        asked,
        paper=paper,
        orientation=orientation,
        lang=lang,
        dpi=dpi,
        title=title,
        out=out,
    )
    return made


def brief(
    study: Study,
    first: int | None = None,
    second: int | None = None,
    *,
    role: Role = "residence",
    lang: Lang = "en",
    out: str = "brief.pdf",
    **asked: Any,  # noqa: ANN401 - a comparison's own fields
) -> Page:
    """
    A few pages on two years: findings, maps, tables, method; `save` writes .pdf, .html or .docx.

    Parameters
    ----------
    study, first, second, role, asked
        As for `compare`; the resolution as for `map`.
    lang
        "en" or "zh".
    out
        Name of the file, as the command that makes it again should write it.

    Raises
    ------
    PageError
        When nothing that draws is installed.
    """
    fine = {"resolution": _shown(study)}
    return brief_between(
        study.compare(first, second, role=role, **fine | asked), lang=lang, out=out
    )


def brief_between(compared: Compared, *, lang: Lang = "en", out: str = "brief.pdf") -> Page:
    """The same on two years that are compared already."""
    one = compared.comparison
    study, draw = compared.study, drawer("brief")
    made: Page = draw(study, one.first, one.second, comparison=one, lang=lang, out=out)
    return made


def change(
    compared: Compared,
    *,
    lang: Lang = "en",
    view: Literal["side", "swipe", "difference"] = "side",
    title: str = "",
    hide: Collection[str] = ("campuses",),
    out: str = "change.html",
) -> Page:
    """
    Two years side by side in one file that needs no network; `save("change.html")`.

    Parameters
    ----------
    compared
        The two years.
    lang, title, hide, out
        As for `Study.map`; drift, the centre and spread, is a layer too.
    view
        What is shown first: both maps, one over the other to swipe, or their difference.

    Raises
    ------
    PageError
        When nothing that draws is installed.
    """
    made: Page = drawer("change")(compared, lang=lang, view=view, title=title, hide=hide, out=out)
    return made


def drawer(name: str) -> Callable[..., Any]:
    """
    What draws a kind of page, or what "replay" hands a page to be drawn again.

    Raises
    ------
    PageError
        When no installed package offers to, or the one that does cannot be loaded.
    """
    what = _WORDS.get(name, f"a {name}")
    for one in entry_points(group=GROUP, name=name):
        try:
            return cast(Callable[..., Any], one.load())
        except ImportError as fault:
            raise PageError(f"{what} is drawn by {one.value}, which lacks {fault.name}") from fault
    raise PageError(
        f"{what} is drawn by the installed gradmap, and nothing installed here draws one;"
        " install it again: pip install -e . in the folder of the project"
    )


def _shown(study: Study) -> int:
    return min(_AS_SHOWN, study.info.resolution)
