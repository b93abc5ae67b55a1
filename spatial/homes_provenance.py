"""Provenance of homes: what a table was made by, and the command that makes it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

from spatial.account import account, asking, breaks_beside
from spatial.homes import Homes
from spatial.homes_methods import method_of
from spatial.homes_question import HomesKind, HomesQuestion
from spatial.homes_words import columns_told
from spatial.schema import Role

__all__ = ["homes_provenance"]

_MODELLED: Final = ("kinds", "magnets", "demand")
_FLOWS: Final = ("magnets", "demand")
_RENTED: Final = ("quotient_slopes", "quotient_bands", "pockets", "rent", "rent_areas", "pay")


def homes_provenance(
    homes: Homes,
    kind: HomesKind,
    *,
    columns: Iterable[str],
    tables: Sequence[HomesKind] = (),
    out: str = "FILE",
) -> dict[str, Any]:
    """
    Everything one needs to judge a table, cite it and make it again, as JSON values.

    Parameters
    ----------
    homes
        The question and its answer.
    kind, columns
        The table, and its columns as written.
    tables
        All that are written with it, in their order; itself alone where none are named.
    out
        Name of the file, as the command that makes it again should write it.
    """
    study, asked = homes.study, homes.question
    per = "month" if not _rented(homes, kind) else str(_attrs(homes)["per"])
    currency = study.info.currency.get("en", "")
    written = list(tables or (kind,))
    told: dict[str, Any] = {
        "question": asked.to_dict(),
        "table": kind,
        "tables": written,
    }
    if _rented(homes, kind):
        attrs = _attrs(homes)
        told["rents"] = {**attrs, "edges": list(homes.edges), "currency": study.info.currency}
        if note := study.info.notes.get("rents"):
            told["rents"]["note"] = note
    role: Role | Literal["flows"] = "flows" if kind in _FLOWS else homes.role
    found = account(
        study,
        {
            "homes": told,
            "columns": columns_told(kind, columns, currency=currency, per=per),
        },
        role=role,
        method=method_of(homes, kind),
        breaks=breaks_beside(study, asked.year),
        command=asking(study, "homes", [*asked.options(), *_tables(asked, written), "--out", out]),
    )
    found["definition"] = _definition(homes, kind)
    modelled = kind in _MODELLED and homes.rail is not None
    if modelled and "minutes" not in found["modelled"]:
        found["modelled"] = [*found["modelled"], "minutes"]
    return found


def _definition(homes: Homes, kind: HomesKind) -> dict[str, str]:
    """Who is counted, by language: of each series that the table is made from."""
    asked, known = homes.question, homes.study.info.definitions
    names = ["flows"] if kind in _FLOWS and "flows" in known else []
    if not names:
        names = ["residence", "work"] if asked.topic == "balance" else [homes.role]
    if asked.topic == "quotient" and kind != "pockets":
        names += ["base"] if asked.group == "all" else [asked.group, "base"]
    told = [known[name] for name in names if name in known]
    languages = dict.fromkeys(lang for one in told for lang in one)
    return {lang: " | ".join(one[lang] for one in told if lang in one) for lang in languages}


def _rented(homes: Homes, kind: HomesKind) -> bool:
    if kind == "pockets" or kind not in _RENTED or homes.rents is None:
        return False
    return kind != "quotient_slopes" or homes.concentration.rent is not None


def _attrs(homes: Homes) -> dict[str, Any]:
    rents: Any = homes.rents
    return dict(rents.attrs)


def _tables(asked: HomesQuestion, written: Sequence[HomesKind]) -> list[object]:
    if list(written) == [asked.topic]:
        return []
    return [word for one in written for word in ("--table", one)]
