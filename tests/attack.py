"""
The reader that suppression is held against, as a linear program.

All amounts of one year are unknowns: people per role, group and cell, and per pair of cells.
What is published is a set of equations over them. The least and the greatest value that an
unknown takes under them all is what a reader can tell of it, and no reader can tell more of a
linear publication without guessing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_array

ROLES = ("residence", "work")


@dataclass
class Reader:
    """What one reader knows of a year: unknowns by name, their bounds, and sums of them."""

    low: dict = field(default_factory=dict)
    high: dict = field(default_factory=dict)
    sums: list = field(default_factory=list)

    def may_be(self, name, low, high=np.inf):
        self.low[name], self.high[name] = low, high

    def is_known(self, name, value):
        self.may_be(name, value, value)

    def learns(self, names, total, *, at_most=False):
        """The sum of the named unknowns; names may be a mapping to their factors."""
        factors = names if isinstance(names, dict) else dict.fromkeys(names, 1.0)
        self.sums.append((factors, -np.inf if at_most else float(total), float(total)))

    def interval(self, name):
        """The least and the greatest that the unknown can be."""
        return self.best(name, +1), self.best(name, -1)

    def best(self, name, sign):
        at = {one: place for place, one in enumerate(self.low)}
        cost = np.zeros(len(at))
        cost[at[name]] = sign
        matrix, least, most = self._rows(at)
        equal = least == most
        found = linprog(
            cost,
            A_eq=matrix[equal] if equal.any() else None,
            b_eq=most[equal] if equal.any() else None,
            A_ub=matrix[~equal] if (~equal).any() else None,
            b_ub=most[~equal] if (~equal).any() else None,
            bounds=[(self.low[one], self.high[one]) for one in at],
            method="highs",
        )
        if found.status == 3:
            return sign * -np.inf
        assert found.status == 0, found.message
        return sign * found.fun

    def whole_interval(self, name, *, holding, some):
        """As `interval`, in whole people, of which exactly `some` of the unknowns hold any."""
        at = {one: place for place, one in enumerate(self.low)}
        size = len(at)
        matrix, least, most = self._rows(at)
        dense = np.hstack([matrix.toarray(), np.zeros((len(most), size))])
        rules = [LinearConstraint(dense, least, most)]
        high = np.array([self.high[one] for one in at])
        high = np.where(np.isfinite(high), high, 1e6)
        eye = np.eye(size)
        rules.append(LinearConstraint(np.hstack([eye, -np.diag(high)]), -np.inf, 0))  # x <= high b
        rules.append(LinearConstraint(np.hstack([eye, -eye]), 0, np.inf))  # x >= b
        flag = np.zeros((1, 2 * size))
        flag[0, [size + at[one] for one in holding]] = 1
        rules.append(LinearConstraint(flag, some, some))
        bounds = np.array([[self.low[one] for one in at] + [0] * size, [*high, *[1] * size]])
        ends = []
        for sign in (1, -1):
            cost = np.zeros(2 * size)
            cost[at[name]] = sign
            found = milp(cost, constraints=rules, integrality=1, bounds=tuple(bounds))
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return tuple(ends)

    def _rows(self, at):
        rows = [
            (i, at[name], factor)
            for i, (f, _, _) in enumerate(self.sums)
            for name, factor in f.items()
        ]
        i, j, v = zip(*rows, strict=True) if rows else ((), (), ())
        matrix = csr_array((v, (i, j)), shape=(len(self.sums), len(at)))
        bounds = np.array([(low, high) for _, low, high in self.sums]).reshape(-1, 2)
        return matrix, bounds[:, 0], bounds[:, 1]


def reader_of(shown, flows, *, cells, groups, ceilings=None, linked=False, base=False):
    """
    A reader of the counts and flows of one year.

    `cells` are all the cells that may hold anybody; an amount not shown is 0 or more, and at most
    what `ceilings` say of it. `linked` readers know the counts to be the sums of the flows; with
    `base` they also ask for the others, who are in the base and no graduates.
    """
    columns, ceilings = groups or ["graduates"], ceilings or {}
    reader = Reader()
    for role in ROLES:
        table = shown[shown["role"] == role].set_index("cell")
        for cell in cells:
            row = table.loc[cell] if cell in table.index else None
            names = [("count", role, column, cell) for column in columns]
            for name, column in zip(names, columns, strict=True):
                if row is not None and row[column] > 0:
                    reader.is_known(name, row[column])
                else:
                    reader.may_be(name, 0, ceilings.get(name, np.inf))
            if base:
                others = ("others", role, cell)
                reader.may_be(others, 0, ceilings.get(others, np.inf))
                if row is not None and not np.isnan(row["base"]):
                    reader.learns([*names, others], row["base"])
                elif row is None and np.isfinite(ceilings.get(others, np.inf)):
                    reader.learns([*names, others], ceilings[others], at_most=True)
    if linked:
        _link(reader, flows, cells, columns, ceilings)
    return reader


def _link(reader, flows, cells, columns, ceilings):
    told = flows.set_index(["origin", "destination"])["graduates"].to_dict()
    for o in cells:
        for d in cells:
            name = ("flow", o, d)
            if (o, d) in told:
                reader.is_known(name, told[o, d])
            else:
                reader.may_be(name, 0, ceilings.get(name, np.inf))
    if len(columns) > 1:
        _follow_groups(reader, cells, columns)
        return
    for cell in cells:
        ends = {"residence": [("flow", cell, d) for d in cells]}
        ends["work"] = [("flow", o, cell) for o in cells]
        for role, names in ends.items():
            counted = dict.fromkeys((("count", role, one, cell) for one in columns), -1.0)
            reader.learns(dict.fromkeys(names, 1.0) | counted, 0)


def _follow_groups(reader, cells, columns):
    """Every flow is of people of one group or another, who are counted so at both its ends."""
    for one in columns:
        for o in cells:
            for d in cells:
                reader.may_be(("of", one, o, d), 0)
    for o in cells:
        for d in cells:
            parts = dict.fromkeys((("of", one, o, d) for one in columns), 1.0)
            reader.learns(parts | {("flow", o, d): -1.0}, 0)
    for one in columns:
        for cell in cells:
            out = dict.fromkeys((("of", one, cell, d) for d in cells), 1.0)
            into = dict.fromkeys((("of", one, o, cell) for o in cells), 1.0)
            reader.learns(out | {("count", "residence", one, cell): -1.0}, 0)
            reader.learns(into | {("count", "work", one, cell): -1.0}, 0)


def learn_audit(reader, info, shown, *, cells, groups, year):
    """The reader is told the study's audit: what each series held, and how many were hidden."""
    for entry in info.audit:
        if entry["year"] != year or entry["role"] not in ROLES:
            continue
        role = entry["role"]
        rows = shown[shown["role"] == role]
        balance = entry["people_in"] - entry["on_map"] - sum(entry["dropped"].values())
        assert abs(balance) < 1e-6
        assert abs(entry["on_map"] - rows["graduates"].sum()) < 1e-6
        told = entry.get("suppressed", {})
        if groups and "graduates" in told:
            names = [("count", role, one, cell) for one in groups for cell in cells]
            reader.learns(names, rows["graduates"].sum() + told["graduates"]["people"])
        for column in groups or ["graduates"]:
            hidden = entry.get("suppressed", {}).get(column)
            if hidden is not None:
                names = [("count", role, column, cell) for cell in cells]
                reader.learns(names, rows[column].sum() + hidden["people"])
        hidden = entry.get("suppressed", {}).get("base")
        if hidden is not None and ("others", role, cells[0]) in reader.low:
            names = [
                ("count", role, one, cell) for one in groups or ["graduates"] for cell in cells
            ]
            names += [("others", role, cell) for cell in cells]
            reader.learns(names, rows["base"].sum() + hidden["people"])
