"""Ingest: points, grids and zones of strangers' files into counts per cell, nobody lost."""

from spatial.ingest import _gdal  # noqa: F401, I001 - first: before anything loads GDAL

from spatial.area import study_area
from spatial.ingest.audit import Audit
from spatial.ingest.counted import Counted
from spatial.ingest.errors import InputError
from spatial.ingest.flows import FlowResult, load_flows
from spatial.ingest.grids import grid_to_cells
from spatial.ingest.load import LoadResult, load_grid, load_points, load_zones
from spatial.ingest.points import joined_to_cells, points_to_cells
from spatial.ingest.read import read_table
from spatial.ingest.shapes import read_shapes
from spatial.ingest.zones import zones_to_cells

__all__ = [
    "Audit",
    "Counted",
    "FlowResult",
    "InputError",
    "LoadResult",
    "grid_to_cells",
    "joined_to_cells",
    "load_flows",
    "load_grid",
    "load_points",
    "load_zones",
    "points_to_cells",
    "read_shapes",
    "read_table",
    "study_area",
    "zones_to_cells",
]
