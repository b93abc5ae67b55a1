"""Structure, written out slowly and literally."""

from __future__ import annotations

from math import atan2, degrees, log, log2, sqrt

import numpy as np


def lq(counts: list[float], base: list[float]) -> list[float]:
    held = [i for i in range(len(base)) if base[i] > 0]
    rate = sum(counts[i] for i in held) / sum(base[i] for i in held)
    return [counts[i] / base[i] / rate if base[i] > 0 else float("nan") for i in range(len(base))]


def gini(counts: list[float]) -> float:
    n = len(counts)
    apart = sum(abs(a - b) for a in counts for b in counts)
    return apart / (2 * n * sum(counts))


def lorenz(counts: list[float]) -> list[float]:
    ordered = sorted(counts)
    return [sum(ordered[:k]) / sum(ordered) for k in range(len(ordered) + 1)]


def entropy(counts: list[float]) -> float:
    total = sum(counts)
    return -sum(x / total * log2(x / total) for x in counts if x > 0)


def slope_hc3(counts: list[float], base: list[float]) -> tuple[float, float]:
    """Slope of log on log and its HC3 error, by matrices."""
    pairs = [(log(b), log(c)) for c, b in zip(counts, base, strict=True) if b > 0 and c > 0]
    x = np.array([[1.0, b] for b, _ in pairs])
    y = np.array([c for _, c in pairs])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    meat = np.zeros((2, 2))
    for row, value in zip(x, y, strict=True):
        leverage = row @ inverse @ row
        residual = (value - row @ beta) / (1 - leverage)
        meat += residual**2 * np.outer(row, row)
    return float(beta[1]), sqrt((inverse @ meat @ inverse)[1, 1])


def ellipse(weight: list[float], east: list[float], north: list[float]) -> tuple[float, ...]:
    """Centre, semi-axes and azimuth by the eigenvectors of the weighted covariance."""
    total = sum(weight)
    x = sum(w * e for w, e in zip(weight, east, strict=True)) / total
    y = sum(w * n for w, n in zip(weight, north, strict=True)) / total
    matrix = np.zeros((2, 2))
    for w, e, n in zip(weight, east, north, strict=True):
        away = np.array([e - x, n - y])
        matrix += w / total * np.outer(away, away)
    variance, axis = np.linalg.eigh(matrix)
    azimuth = degrees(atan2(axis[0, 1], axis[1, 1])) % 180
    return x, y, sqrt(2 * variance[1]), sqrt(2 * max(variance[0], 0)), azimuth


def sector(azimuth: float) -> str:
    names = {0: "N", 45: "NE", 90: "E", 135: "SE", 180: "S", 225: "SW", 270: "W", 315: "NW"}
    for middle, name in names.items():
        away = (azimuth - middle + 180) % 360 - 180
        if -22.5 <= away < 22.5:
            return name
    raise AssertionError(azimuth)


def ring(distance: float, edges: tuple[float, ...]) -> int:
    return sum(distance >= edge for edge in edges)
