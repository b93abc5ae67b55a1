"""How every screen begins: the question the controls hold, its study, and the reader's words."""

from __future__ import annotations

import streamlit as st

from spatial.schema import SchemaError
from spatial.study import Study
from views.answers import settle, study_of
from views.query import Query
from views.sidebar import held, hold
from views.text import Translate, plain, translator

__all__ = ["begin"]


def begin() -> tuple[Query, Study, Translate] | None:
    """The settled question with its study; None, and a sentence, where that cannot be opened."""
    query = held()
    tr = translator(query.lang)
    try:
        study = study_of(query)
        query = settle(query, study)
    except (SchemaError, OSError) as fault:
        st.error(tr("This study cannot be opened: {fault}").format(fault=plain(str(fault))))
        return None
    hold(query)
    return query, study, tr
