"""The numbers of a diagnosis against slow references, and that sampling does not bend them."""

from __future__ import annotations

import numpy as np
import pytest
from diagnosis_tables import clouds
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import skew
from sklearn.metrics import pairwise_distances

from torchsmote.evaluate import diagnose
from torchsmote.evaluate.diagnosis import groups as groups_module
from torchsmote.evaluate.diagnosis import neighborhoods as neighborhoods_module
from torchsmote.evaluate.diagnosis.column_facts import measure_columns
from torchsmote.evaluate.diagnosis.duplicates import Repeats
from torchsmote.evaluate.diagnosis.geometry import measure_geometry
from torchsmote.evaluate.diagnosis.groups import find_groups
from torchsmote.evaluate.diagnosis.neighborhoods import search_neighborhoods
from torchsmote.evaluate.diagnosis.row_hashes import hash_rows
from torchsmote.evaluate.diagnosis.rules import QUERIES
from torchsmote.evaluate.diagnosis.sampling import even_parts
from torchsmote.evaluate.diagnosis.standardized import standardize
from torchsmote.evaluate.features import read_features


def searched_rows(X, y, seed=0):
    features = read_features(X)
    facts = measure_columns(features.numbers, np.asarray(y), len(set(y)))
    return standardize(features, facts, np.asarray(y), np.random.default_rng(seed))


def sorted_neighbors(X):
    """For each row, all others, the nearest first."""
    Z = (X - X.mean(0)) / X.std(0)
    distances = pairwise_distances(Z)
    np.fill_diagonal(distances, np.inf)
    return distances.argsort(1)[:, :-1], np.sort(distances, 1)[:, :-1]


def test_shares_and_error_are_those_of_all_pairs():
    X, y = clouds((150, 60, 30), apart=1.5)
    nearest, _ = sorted_neighbors(X)
    enemies = (y[nearest[:, :5]] != y[:, None]).sum(1)
    diagnosis = diagnose(X, y)
    for own in diagnosis.classes:
        mine = enemies[y == int(own.label)]
        assert own.safe == pytest.approx((mine < 2.5).mean())
        assert own.danger == pytest.approx(((mine >= 2.5) & (mine < 5)).mean())
        assert own.noise == pytest.approx((mine == 5).mean())
    wrong = y[nearest[:, 0]] != y
    error = next(own.value for own in diagnosis.findings if own.name == "overlap")
    assert error == pytest.approx(np.mean([wrong[y == position].mean() for position in range(3)]))


def test_half_of_an_even_number_of_neighbors_is_danger():
    X = np.array([[0.0], [0.1], [0.25], [0.3], [0.7]])  # of five rows, each has four neighbours
    first, second = diagnose(X, [0, 0, 0, 1, 1]).classes
    assert (first.safe, first.danger, first.noise) == (0, 1, 0)  # two of four, as in Han 2005
    assert (second.safe, second.danger, second.noise) == (0, 1, 0)


def test_groups_are_the_components_of_the_neighbor_graph():
    X, y = clouds((80, 40))
    X[np.flatnonzero(y == 1)[:15], 3] += 40
    rare = np.flatnonzero(y == 1)
    nearest, _ = sorted_neighbors(X)
    linked = {row: {row} for row in rare}
    for row in rare:  # merged one edge at a time
        own = [other for other in nearest[row] if y[other] == 1][:5]
        for other in own:
            union = linked[row] | linked[other]
            for member in union:
                linked[member] = union
    sizes = sorted((len(group) for group in {id(g): g for g in linked.values()}.values()), reverse=True)
    found = find_groups(searched_rows(X, y), [1], np.random.default_rng(0))[1]
    assert found.sizes.tolist() == sizes
    assert sizes[:2] == [25, 15]
    assert found.needed == 2


@given(
    hnp.arrays(np.float64, (12, 3), elements=st.sampled_from([0.0, -0.0, 1.0, 2.5, np.nan])),
    hnp.arrays(np.int64, 12, elements=st.integers(0, 1)),
)
def test_repeats_are_those_of_comparing_all_rows(X, y):
    rows = [tuple("gap" if value != value else value + 0.0 for value in row) for row in X.tolist()]
    found = Repeats(hash_rows(read_features(X)), y)
    assert found.share == pytest.approx(1 - len(set(rows)) / 12)
    assert found.repeated.tolist() == [rows.count(row) > 1 for row in rows]
    torn = [len({label for other, label in zip(rows, y, strict=True) if other == row}) > 1 for row in rows]
    assert found.contradicting == pytest.approx(np.mean(torn))


def test_hashes_tell_apart_what_differs_in_one_bit_or_place():
    X = np.zeros((5, 2))
    X[1, 0] = X[2, 1] = 1
    X[3] = np.nextafter(0, 1), 0
    X[4] = np.nan
    for dtype in (np.float32, np.float64):
        own = X.astype(dtype)
        own[3, 0] = np.nextafter(dtype(0), dtype(1))
        assert len(set(hash_rows(read_features(own)).tolist())) == 5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_columns_are_measured_as_numpy_measures_them(dtype):
    rng = np.random.default_rng(0)
    X = (rng.standard_normal((300, 6)) * [1, 1e-3, 50, 1, 1, 1] + [0, 0, 9, 0, 0, 0]).astype(dtype)
    y = rng.integers(0, 3, 300)
    X[:, 0] += y
    X[:, 3] = rng.integers(-3, 3, 300)
    X[:, 4] = 7
    X[::7, 5] = np.nan
    facts = measure_columns(X, y, 3)
    np.testing.assert_array_equal(facts.low, np.nanmin(X, 0))
    np.testing.assert_array_equal(facts.high, np.nanmax(X, 0))
    np.testing.assert_allclose(facts.spread, np.nanstd(X.astype(float), 0), rtol=1e-6, atol=1e-12)
    assert facts.missing.tolist() == [0, 0, 0, 0, 0, 43]
    assert facts.whole.tolist() == [False, False, False, True, True, False]
    assert facts.n_distinct.tolist() == [11, 11, 11, 6, 1, 11]
    assert facts.constant.tolist() == [False, False, False, False, True, False]
    for column in (0, 1, 2, 5):
        values, own = X[:, column].astype(float), y
        known = np.isfinite(values)
        values, own = values[known], own[known]
        means = np.array([values[own == position].mean() for position in range(3)])
        between = ((means[own] - values.mean()) ** 2).sum()
        assert facts.fisher[column] == pytest.approx(between / ((values - means[own]) ** 2).sum(), rel=1e-6)


@given(st.floats(-300, 300), st.floats(-1, 1))
def test_standardising_stands_any_scale(power, shift):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 1)) * 10.0**power + shift * 10.0**power
    Z = searched_rows(X, np.arange(50) % 2).coordinates.astype(float)
    assert Z.mean() == pytest.approx(0, abs=1e-5)
    assert Z.std() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(("d", "low", "high"), [(1, 0.8, 1.2), (3, 2.6, 3.4), (8, 6.5, 8.5)])
def test_the_dimension_of_a_gaussian_in_more_columns(d, low, high):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((2000, d)) @ rng.standard_normal((d, 12))
    found = measure_geometry(searched_rows(X, np.arange(2000) % 2), rng)
    assert low < found.dimension < high


def test_rows_that_repeat_have_no_say_in_the_dimension():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 40, (600, 3)).astype(float)
    alone = measure_geometry(searched_rows(X, np.arange(600) % 2), np.random.default_rng(0)).dimension
    X[:100] = X[100:200]
    found = measure_geometry(searched_rows(X, np.arange(600) % 2), np.random.default_rng(0)).dimension
    assert 2.3 < alone < 3.5
    assert found == pytest.approx(alone, rel=0.1)


def test_groups_are_searched_among_rows_drawn_from_the_whole_class(monkeypatch):
    X, y = clouds((30, 200))
    order = np.argsort(y, kind="stable")
    X, y = X[order], y[order]
    X[130:, 3] += 60
    monkeypatch.setattr(groups_module, "GROUPED", 80)
    found = find_groups(searched_rows(X, y), [1], np.random.default_rng(0))[1]
    assert found.needed == 2
    assert found.sizes.sum() == 80


def test_hubness_is_the_skewness_of_the_occurrences():
    X, y = clouds((200, 100), d=20)
    nearest, distances = sorted_neighbors(X)
    found = measure_geometry(searched_rows(X, y), np.random.default_rng(0))
    assert found.hubness == pytest.approx(skew(np.bincount(nearest[:, :10].ravel(), minlength=300)))
    whole = distances.mean() / distances[:, 0].mean()
    assert found.contrast == pytest.approx(whole, rel=0.05)  # its mean is over 300 pairs


# --- sampling ---


def test_parts_are_even_and_no_more_than_there_is():
    taken = even_parts(np.array([3, 40_000, 700, 9_000]), QUERIES)
    assert taken.tolist() == [3, 4649, 700, 4648]
    assert even_parts(np.array([10] * 50), 20).tolist() == [1] * 50  # each class is looked at


def test_few_queries_searched_in_all_rows_are_not_biased(monkeypatch):
    X, y = clouds((3600, 400), apart=1.5)
    whole = diagnose(X, y)
    assert whole.sampled == ""
    monkeypatch.setattr(neighborhoods_module, "query_count", lambda n_rows: 1000)
    monkeypatch.setattr(groups_module, "GROUPED", 300)
    some = diagnose(X, y)
    assert "Neighbours were searched for 1,000 of 4,000 rows" in some.sampled
    assert "in all rows" in some.sampled
    assert 'Groups were searched among 300 rows of "1"' in some.sampled
    # Both classes: 600 rows of the larger one, all 400 of the other. A search among the 1,000 alone would
    # take a rare row's neighbours to be rare three times as often.
    for own, wanted in zip(some.classes, whole.classes, strict=True):
        for share in ("safe", "danger", "noise"):
            expected = getattr(wanted, share)
            error = (expected * (1 - expected) / 500) ** 0.5
            assert getattr(own, share) == pytest.approx(expected, abs=4 * error + 1e-9)
    assert some.classes[1] == whole.classes[1]


def test_ties_do_not_go_to_the_class_that_stands_first():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 2, (600, 3)).astype(float)  # eight points, whatever the class
    y = np.repeat([0, 1], 300)
    around = search_neighborhoods(searched_rows(X, y), 2, rng)
    for position in (0, 1):
        assert around.enemies[around.of_class(position)].mean() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("step", [0.5, 0.25])
def test_the_order_of_rows_that_tie_does_not_decide(step):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 8, (1000, 2)) * step  # 64 points, some of whole numbers only
    y = np.repeat([0, 1], [800, 200])
    for rows in (slice(None), slice(None, None, -1)):
        own = next(one for one in diagnose(X[rows], y[rows]).classes if one.label == "1")
        assert own.noise == pytest.approx(0.8**5, abs=0.1)


@pytest.mark.parametrize("counts", [(50, 10), (160, 40), (100, 20, 10)])
def test_the_error_of_mixed_classes_spreads_no_more_than_told(counts):
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(counts)), counts)
    found = [
        search_neighborhoods(searched_rows(rng.standard_normal((len(y), 3)), y), len(counts), rng)
        for _ in range(60)
    ]
    errors = [around.relative_error for around in found]
    assert np.mean(errors) == pytest.approx(1, abs=0.05)
    assert 0.6 * found[0].chance < np.std(errors) < 1.15 * found[0].chance


def test_categories_count_as_smotenc_counts_them():
    X = np.array([[0.0, "a"], [0.0, "b"], [3.0, "a"], [-3.0, "b"]], dtype=object)
    rows = searched_rows(X, np.array([0, 0, 1, 1]))
    distances = rows.apart(np.array([0, 0, 0]), np.array([1, 2, 3]))
    std = np.std([0, 0, 3, -3])
    np.testing.assert_allclose(distances, [1, 3 / std, (9 / std**2 + 1) ** 0.5], atol=1e-3)
    found = rows.nearest(1, np.array([0]))
    assert found.indices.item() == 1
    assert found.distances.item() == pytest.approx(1, abs=1e-3)
