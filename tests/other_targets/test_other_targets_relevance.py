"""The relevance function: hand-computed points, a published box plot, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_iris

from torchsmote.other_targets import Relevance


def test_between_points_of_slope_0_it_is_the_cubic_step():
    # The control points of UBL's example for the iris data.
    phi = Relevance([[2, 1, 0], [3, 0, 0], [4, 1, 0]])
    t = np.linspace(0, 1, 11)
    np.testing.assert_allclose(phi(3 + t), 3 * t**2 - 2 * t**3, atol=1e-15)
    np.testing.assert_allclose(phi(3 - t), 3 * t**2 - 2 * t**3, atol=1e-15)
    np.testing.assert_array_equal(phi([-5, 2, 3, 4, 99]), [1, 1, 0, 1, 1])
    np.testing.assert_allclose(Relevance([[4, 1], [2, 1], [3, 0]])(3 + t), phi(3 + t))  # in any order


def test_given_slopes_are_used():
    # Hermite by hand: from 0 with slope 2 to 1 with slope 0 over [0, 1]: 2 s - s^2 (its cubic term is 0).
    phi, s = Relevance([[0, 0, 2], [1, 1, 0]]), np.linspace(0, 1, 11)
    np.testing.assert_allclose(phi(s), 2 * s - s**2, atol=1e-15)


def test_points_on_a_way_up_are_passed_without_a_halt():
    phi = Relevance([[0, 0], [1, 0.4], [2, 1]])
    assert phi.points[1, 2] > 0
    assert (np.diff(phi(np.linspace(0, 2, 201))) > 0).all()
    assert phi(1.0) == 0.4


def test_box_plot_of_iris():
    # R: boxplot.stats(iris$Sepal.Width) is 2.2 2.8 3.0 3.3 4.0, out 4.4 4.1 4.2 2.0.
    width = load_iris().data[:, 1]
    expected = [[2.2, 1, 0], [3, 0, 0], [4, 1, 0]]
    np.testing.assert_array_equal(Relevance.from_box_plot(width).points, expected)
    low = Relevance.from_box_plot(width, "low").points
    np.testing.assert_array_equal(low, [[2.2, 1, 0], [3, 0, 0], [4.4, 0, 0]])
    high = Relevance.from_box_plot(width, "high").points
    np.testing.assert_array_equal(high, [[2, 0, 0], [3, 0, 0], [4, 1, 0]])
    wide = Relevance.from_box_plot(width, coef=3).points  # no value is that far out
    np.testing.assert_array_equal(wide, [[2, 0, 0], [3, 0, 0], [4.4, 0, 0]])


def test_box_plot_without_a_box():
    # More than half of the values are 0, so hinges, whiskers and median are: what differs is an outlier.
    rain = [0.0] * 20 + [3.0, 5.0, 40.0]
    phi = Relevance.from_box_plot(rain)
    np.testing.assert_array_equal(phi.points, [[0, 0, 0], [3, 1, 0]])
    np.testing.assert_array_equal(phi(rain), [0] * 20 + [1] * 3)
    both = Relevance.from_box_plot([-2.0, *rain])
    np.testing.assert_array_equal(both.points, [[-2, 1, 0], [0, 0, 0], [3, 1, 0]])


@given(
    values=arrays(np.float64, st.integers(2, 40), elements=st.integers(-20, 20).map(float)),
    ends=st.sampled_from(["both", "low", "high"]),
)
@example(values=np.array([5.0, -8, -8, -8, -8]), ends="both")
def test_box_plot_relevance_is_monotone_on_each_side_of_the_median(values, ends):
    if values.min() == values.max():
        return
    phi = Relevance.from_box_plot(values, ends)
    middle = np.median(values)
    ordered = np.sort(values)
    assert phi(middle) == 0
    assert (np.diff(phi(ordered[ordered >= middle])) >= 0).all()
    assert (np.diff(phi(ordered[ordered <= middle])) <= 0).all()
    q1, q3 = np.median(ordered[: (len(values) + 1) // 2]), np.median(ordered[len(values) // 2 :])
    out_high, out_low = values > q3 + 1.5 * (q3 - q1), values < q1 - 1.5 * (q3 - q1)
    relevant = (out_high & (ends != "low")) | (out_low & (ends != "high"))
    assert (phi(values)[relevant] == 1).all()
    assert phi(values).max() == (1 if relevant.any() else 0)


@pytest.mark.parametrize(
    ("points", "fact"),
    [
        ([1, 2, 3], "got shape"),
        ([[1, 0]], "at least 2"),
        ([[1, 0, 0, 0], [2, 1, 0, 0]], "got shape"),
        ([[1, 0], [np.nan, 1]], "control point 1 is not finite"),
        ([[1, 0], [1, 1]], "two control points at y=1"),
        ([[1, 0], [2, 1.5]], "at y=2 has relevance 1.5"),
        ([[1, 0], [2, "high"]], "table of numbers"),
        ([[1, 0], [2]], "table of numbers.*as many values in each row"),
        ([[0, 0, -1], [1, 1, 0]], "at y=0 has slope -1"),
        ([[0, 0, 0], [1, 1, 4]], "at y=1 has slope 4.*between 0 and 3"),
        ([[0, 0, 0], [1, 0, 1], [2, 1, 0]], "at y=1 has slope 1"),
    ],
)
def test_bad_points(points, fact):
    with pytest.raises(ValueError, match=f"relevance.*{fact}"):
        Relevance(points)
