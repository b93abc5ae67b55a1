"""Rent and pay: what a month's pay can afford, and how much of the market and city that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from spatial.info import Pay
from spatial.question import QuestionError
from spatial.rent_listings import ALL, Per, listings_of, rolled_up
from spatial.study import Study

__all__ = ["SHARES", "affordability", "affordable", "affordable_rent"]

SHARES: Final = (0.2, 0.3, 0.4)
"""Shares of pay that may go on rent."""


def affordable_rent(pay: float, share: float) -> float:
    """
    The highest rent a month that takes no more than a `share` of `pay`.

    Raises
    ------
    QuestionError
        When pay is not above 0, or the share not above 0 and at most 1.
    """
    if not (np.isfinite(pay) and pay > 0):
        raise QuestionError(f"pay must be a number above 0, found {pay}")
    if not 0 < share <= 1:
        raise QuestionError(f"the share of pay must lie above 0 and up to 1, found {share}")
    return float(pay * share)


def affordable(rents: pd.Series, *, pay: float, share: float) -> pd.Series:
    """Whether each rent takes no more than a share of pay; not where it is NaN, so unknown."""
    # A rent of 3 000 is 0.3 of 10 000, whatever binary fractions make of it.
    most = affordable_rent(pay, share) * (1 + 1e-12)
    return (rents <= most).fillna(value=False).astype(bool).rename("affordable")


def affordability(
    study: Study,
    rents: pd.DataFrame,
    graduates: pd.Series,
    *,
    year: int,
    kind: str = ALL,
    per: Per = "month",
    shares: Sequence[float] = SHARES,
    pay: Sequence[Pay] | None = None,
) -> pd.DataFrame:
    """
    What the pay of each sector affords.

    Parameters
    ----------
    study
        Its pay table and listings.
    rents
        As `rent_table` gives them for the same year, kind and `per`.
    graduates
        Graduates at home by cell; cells that `rents` does not have are taken as of unknown rent.
    year, kind, per
        As for `listings_of`; "m2" is no rent that pay could be held against.
    shares
        Of pay that may go on rent.
    pay
        Another table of pay; None is the study's own.

    Returns
    -------
    pandas.DataFrame
        Index `sector`, one row each, as they stand in the table of pay; none without one. Columns
        name, name_en, pay (a month); for each share, such as 0.3, `rent_30` (the rent it
        affords), `listings_30` (share of the listings in the cells of `rents` at that rent or
        below; NaN without listings) and `homes_30` (share of graduates whose cell has a known
        rent that is so; NaN where none has). `known` is the share of graduates whose cell has a
        known rent.

    Raises
    ------
    QuestionError
        When rents are by the square metre, a share is out of range, or the study has no rents.
    """
    if per == "m2":
        raise QuestionError("pay is held against rents by the month or room, found m2")
    sectors = study.info.pay if pay is None else tuple(pay)
    asked = _asked(study, rents, year=year, kind=kind, per=per)
    rent = rents["rent"].reindex(graduates.index)
    people = graduates.to_numpy(dtype=np.float64)
    known = people * rent.notna().to_numpy()
    columns: dict[str, list[object]] = {
        "name": [one.title.get("zh", one.id) for one in sectors],
        "name_en": [one.title.get("en", one.id) for one in sectors],
        "pay": [one.monthly for one in sectors],
    }
    for share in shares:
        within = [affordable(rent, pay=one.monthly, share=share).to_numpy() for one in sectors]
        offered = [affordable(asked, pay=one.monthly, share=share).to_numpy() for one in sectors]
        name = _percent(share)
        columns[f"rent_{name}"] = [affordable_rent(one.monthly, share) for one in sectors]
        columns[f"listings_{name}"] = [_quotient(one.sum(), len(asked)) for one in offered]
        columns[f"homes_{name}"] = [_quotient(known[one].sum(), known.sum()) for one in within]
    columns["known"] = [_quotient(known.sum(), people.sum())] * len(sectors)
    found = pd.DataFrame(columns, index=pd.Index([one.id for one in sectors], name="sector"))
    texts = dict.fromkeys(("name", "name_en"), object)
    return found.astype(texts | dict.fromkeys(found.columns.difference(list(texts)), np.float64))


def _asked(study: Study, rents: pd.DataFrame, *, year: int, kind: str, per: Per) -> pd.Series:
    """Rents of the listings in the cells of `rents`, of whatever resolution these are."""
    listings = listings_of(study, year=year, kind=kind, per=per)
    at = rolled_up(listings.cell, rents.index.to_numpy())
    return pd.Series(listings.rent[np.isin(at, rents.index.to_numpy())], dtype=np.float64)


def _quotient(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def _percent(share: float) -> str:
    """A share as whole per cent, or with what it takes: 30, 33.3."""
    return f"{share * 100:.6g}"
