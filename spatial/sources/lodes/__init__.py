"""LODES: jobs by home and workplace block of the United States, from files or the Census Bureau."""

from spatial.sources.lodes.load import LodesResult, load_lodes, load_lodes_file
from spatial.sources.lodes.naming import Wanted, states_of, years_of
from spatial.sources.lodes.save import save_lodes

__all__ = [
    "LodesResult",
    "Wanted",
    "load_lodes",
    "load_lodes_file",
    "save_lodes",
    "states_of",
    "years_of",
]
