"""Flows between zones spread to cells, a block of origins at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from spatial import cells as h3cells
from spatial.ingest.errors import InputError
from spatial.ingest.flow_sums import Summed
from spatial.ingest.weights import Weights

__all__ = ["CellFlows", "spread_flows"]

Floats = NDArray[np.float64]

_TOGETHER: Final = 1 << 22  # rows of a block, at most, unless one origin alone has more


class CellFlows(NamedTuple):
    """People from cell to cell, each pair once, by origin and destination; shape (n,) each."""

    origin: h3cells.Cells
    destination: h3cells.Cells
    graduates: Floats


def spread_flows(flows: Summed, homes: Weights, jobs: Weights, *, most_rows: int) -> CellFlows:
    """
    Flows from cell to cell of flows from zone to zone; the total is kept.

    Parameters
    ----------
    flows
        People by pair, ends being sources of `homes` and `jobs`.
    homes, jobs
        Shares of the zones in cells, for origins and for destinations.
    most_rows
        Most pairs of cells that may come of it.

    Raises
    ------
    InputError
        When more pairs would come of it.
    """
    between = sparse.csr_array(
        (flows.graduates, (flows.origin, flows.destination)), shape=(homes.sources, jobs.sources)
    )
    from_cells = _shares(homes).T.tocsr()
    to_cells = _shares(jobs)
    rows, codes, values, found = [], [], [], 0
    for first, last in _blocks(from_cells, between, to_cells):
        block = (from_cells[first:last] @ between @ to_cells).tocsr()
        block.sort_indices()
        found += block.nnz
        if found > most_rows:
            raise InputError(
                f"flows must come to at most {most_rows:,} pairs of cells, found more:"
                " choose a coarser resolution"
            )
        rows.append(np.diff(block.indptr))
        codes.append(block.indices.astype(np.int32))
        values.append(block.data)
    origin = np.repeat(homes.cells, np.concatenate(rows))
    return CellFlows(origin, jobs.cells[np.concatenate(codes)], np.concatenate(values))


def _shares(weights: Weights) -> sparse.csr_array:
    shape = (weights.sources, len(weights.cells))
    return sparse.csr_array((weights.weight, (weights.source, weights.code)), shape=shape)


def _blocks(
    from_cells: sparse.csr_array, between: sparse.csr_array, to_cells: sparse.csr_array
) -> Iterator[tuple[int, int]]:
    """Ranges of origins from which no more rows can come than are held together."""
    from_zone = _pattern(between) @ np.diff(to_cells.indptr).astype(np.float64)
    most = np.minimum(_pattern(from_cells) @ from_zone, to_cells.shape[1])
    first, held = 0, 0.0
    for cell, rows in enumerate(most):
        if held and held + rows > _TOGETHER:
            yield first, cell
            first, held = cell, 0.0
        held += rows
    yield first, len(most)


def _pattern(matrix: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), matrix.shape)
