"""Relevance: how much each value of a continuous target matters, from 0 (normal) to 1 (rare)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

from ..targets import to_host

__all__ = ["Relevance"]


class Relevance:
    r"""A relevance function phi: piecewise cubic Hermite through control points, constant beyond them.

    Between two points of relevance 0 and 1 with slope 0 it is :math:`3 t^2 - 2 t^3`, t being the share of the
    way. It is monotone between points, so it stays in [0, 1].

    Args:
        points: Control points, shape (m, 2) or (m, 3), m at least 2, in any order: value of y, relevance in
            [0, 1], and slope. Without slopes: 0 at both ends and where the relevance turns, in between those
            of Fritsch and Butland (scipy's pchip).

    Attributes:
        points: The control points with slopes, ascending, float64, shape (m, 3).

    Raises:
        ValueError: If the points have another shape, hold NaN, repeat a value, have a relevance outside
            [0, 1], or a slope under which phi is not monotone between two of them.

    Reference:
        Ribeiro, "Utility-based regression", PhD thesis, University of Porto, 2011. Fritsch and Carlson,
        "Monotone piecewise cubic interpolation", SIAM Journal on Numerical Analysis 17, 1980.

    >>> phi = Relevance([[10, 0], [20, 1]])
    >>> phi([0, 10, 15, 20, 30]).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """

    def __init__(self, points: Any) -> None:
        given = _checked(points)
        slopes = given[:, 2] if given.shape[1] == 3 else _slopes(given[:, 0], given[:, 1])
        self.points = np.column_stack((given[:, :2], slopes))
        _check_monotone(self.points)
        self._spline = CubicHermiteSpline(*self.points.T, extrapolate=False)

    def __call__(self, y: Any) -> NDArray[np.float64]:
        """Relevance of values.

        Args:
            y: Finite numbers, any shape.

        Returns:
            float64, same shape.
        """
        values = np.clip(to_host(y).astype(np.float64), self.points[0, 0], self.points[-1, 0])
        # Monotone between points that are in [0, 1]: only rounding can leave that range, or miss a point.
        phi: NDArray[np.float64] = np.clip(self._spline(values), 0.0, 1.0)
        at = np.searchsorted(self.points[:, 0], values)
        return np.where(self.points[at, 0] == values, self.points[at, 1], phi)

    def __repr__(self) -> str:
        return f"Relevance({self.points.tolist()})"

    @classmethod
    def from_box_plot(cls, y: Any, extremes: str = "both", coef: float = 1.5) -> Relevance:
        """Outliers of the box plot are relevant, the median is not.

        Control points, slopes 0: the median with relevance 0; at each end that has outliers the whisker (the
        last value within ``coef`` times the width of the box) with relevance 1; at an end without, the
        smallest or largest value with relevance 0. Where the whisker falls on the median (half of the values
        are equal, rain being 0 say) the first outlier takes its place. The box ends at Tukey's hinges.

        Args:
            y: Finite numbers, not all equal, shape (n,).
            extremes: Which end may be relevant: "both", "low" or "high".
            coef: Length of the whiskers in widths of the box.

        >>> Relevance.from_box_plot([1, 2, 3, 4, 5, 6, 7, 30]).points.tolist()
        [[1.0, 0.0, 0.0], [4.5, 0.0, 0.0], [7.0, 1.0, 0.0]]
        """
        values = np.sort(to_host(y).astype(np.float64))
        lower, middle, upper = _hinges(values)
        reach = coef * (upper - lower)
        points = [(middle, 0.0)]
        for name, side, sign in (("low", values[::-1], -1), ("high", values, 1)):
            outer = side[sign * (side - (lower if sign < 0 else upper)) > reach]
            inner = side[: len(side) - len(outer)]
            if extremes in ("both", name) and len(outer):
                points.append((inner[-1] if inner[-1] != middle else outer[0], 1.0))
            elif side[-1] != middle:
                points.append((side[-1], 0.0))
        return cls([(value, phi, 0.0) for value, phi in sorted(points)])


def _hinges(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Tukey's hinges, the medians of the halves (both with the middle value), around the median."""
    n = len(values)
    half = (n + 1) // 2
    return (
        float(np.median(values[:half])),
        float(np.median(values)),
        float(np.median(values[n - half :])),
    )


def _checked(points: Any) -> NDArray[np.float64]:
    try:
        given = to_host(points, "points").astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`relevance` control points must be a table of numbers: {error}") from error
    if given.ndim != 2 or given.shape[1] not in (2, 3) or len(given) < 2:
        raise ValueError(
            "`relevance` control points must be rows (value, relevance) or (value, relevance, slope), at "
            f"least 2 of them; got shape {given.shape}"
        )
    if not np.isfinite(given).all():
        row = int(np.flatnonzero(~np.isfinite(given).all(1))[0])
        raise ValueError(f"`relevance` control point {row} is not finite: {given[row].tolist()}")
    given = given[given[:, 0].argsort(kind="stable")]
    same = np.flatnonzero(np.diff(given[:, 0]) == 0)
    if len(same):
        raise ValueError(f"`relevance` has two control points at y={given[same[0], 0]:g}; keep one of them")
    outside = (given[:, 1] < 0) | (given[:, 1] > 1)
    if outside.any():
        value, phi = given[outside][0, :2].tolist()
        raise ValueError(f"`relevance` control point at y={value:g} has relevance {phi:g}, not in [0, 1]")
    return given


def _slopes(x: NDArray[np.float64], phi: NDArray[np.float64]) -> NDArray[np.float64]:
    slopes = np.zeros(len(x))
    if len(x) > 2:
        slopes[1:-1] = PchipInterpolator(x, phi).derivative()(x[1:-1])
    return slopes


def _check_monotone(points: NDArray[np.float64]) -> None:
    """Fritsch and Carlson: monotone if both slopes of a piece are 0 to 3 times that of its chord."""
    x, phi, slopes = points.T
    chord = np.diff(phi) / np.diff(x)
    for place in (0, 1):  # the slope at the left end of each piece, then at the right
        own = slopes[place : len(slopes) - 1 + place]
        wrong = (own * chord < 0) | (np.abs(own) > 3 * np.abs(chord) * (1 + 1e-9))
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"`relevance` control point at y={x[at + place]:g} has slope {own[at]:g}, under which phi "
                f"leaves its way from {phi[at]:g} to {phi[at + 1]:g}; give 0, or a slope between 0 and "
                f"{3 * chord[at]:g}, or leave slopes out"
            )
