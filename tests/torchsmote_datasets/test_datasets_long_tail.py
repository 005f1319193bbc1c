"""Long tails cut from balanced data: exact sizes, parts that share no row, and the same rows as ever."""

import hashlib

import numpy as np
import pytest
from sklearn.datasets import load_digits

from torchsmote.datasets import load_digits_imbalanced, load_mnist_imbalanced, mnist

LOADERS = {"digits": (load_digits_imbalanced, 174), "mnist": (load_mnist_imbalanced, 500)}
PARTS = ("", "validation_", "test_")


def digest(bunch):
    return hashlib.sha256(bunch.data.tobytes() + bunch.target.tobytes()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("ratio", "seed", "found"), [(50, 0, "0decb69ca93ca33f"), (20, 3, "36fde724e3e30925")]
)
def test_digits_keep_the_rows_they_always_had(ratio, seed, found):
    assert digest(load_digits_imbalanced(ratio, seed=seed)) == found


def test_the_images_of_mnist_are_those_the_study_used():
    images, digits = mnist._mnist()
    assert (
        hashlib.sha256(images.tobytes() + digits.astype(np.int64).tobytes()).hexdigest()[:16]
        == "6c74ad12c4f14fdf"
    )


@pytest.mark.parametrize("name", LOADERS)
@pytest.mark.parametrize(
    ("ratio", "validation", "test"), [(1, 0, 0), (20, 10, 40), (50, 50, 50), (7.5, 3, 0)]
)
def test_sizes_follow_the_formula_and_no_row_is_in_two_parts(name, ratio, validation, test):
    load, rarest = LOADERS[name]
    made = load(ratio, seed=4, validation=validation, test=test)
    largest = ratio * ((rarest - validation - test) // ratio)
    expected = [round(largest * ratio ** (-c / 9)) for c in range(10)]
    assert np.bincount(made.target, minlength=10).tolist() == expected
    assert np.bincount(made.validation_target, minlength=10).tolist() == [validation] * 10
    assert np.bincount(made.test_target, minlength=10).tolist() == [test] * 10
    rows = np.concatenate([made[f"{part}data"] for part in PARTS])
    assert len(np.unique(rows, axis=0)) == len(rows)  # neither data set holds twins
    assert rows.dtype == np.float32
    assert all(made[f"{part}target"].dtype == np.int64 for part in PARTS)
    assert rows.shape[1] == len(made.feature_names)


def test_every_row_keeps_its_label():
    source = load_digits()
    rows = source.data.astype(np.float32)
    labels = {row.tobytes(): label for row, label in zip(rows, source.target, strict=True)}
    made = load_digits_imbalanced(20, seed=1, validation=10, test=40)
    for part in PARTS:
        assert [labels[row.tobytes()] for row in made[f"{part}data"]] == made[f"{part}target"].tolist()


@pytest.mark.parametrize("name", LOADERS)
def test_every_part_depends_on_the_seed_alone(name):
    load, _ = LOADERS[name]
    one, same, other = (load(20, seed=seed, validation=5, test=5) for seed in (1, 1, 2))
    for part in PARTS:
        np.testing.assert_array_equal(one[f"{part}data"], same[f"{part}data"])
        assert not np.array_equal(one[f"{part}data"], other[f"{part}data"])


def test_the_images_read_once_cannot_be_changed_through_a_bunch():
    first = load_mnist_imbalanced()
    before = first.test_data.copy()
    first.test_data[:] = 0
    np.testing.assert_array_equal(load_mnist_imbalanced().test_data, before)


@pytest.mark.parametrize("name", LOADERS)
def test_impossible_parts_are_refused(name):
    load, rarest = LOADERS[name]
    with pytest.raises(
        ValueError, match=rf"`imbalance_ratio` .*{rarest - 50}.* less 50 set aside.* got {rarest}"
    ):
        load(rarest, validation=10, test=40)
    with pytest.raises(ValueError, match=rf"`validation`={rarest} and `test`=0 leave nothing"):
        load(2, validation=rarest, test=0)
    with pytest.raises(ValueError, match=r"`test` must be at least 0 .* got -1"):
        load(2, test=-1)
    with pytest.raises(TypeError, match="`validation` must be an int, got float"):
        load(2, validation=1.5)
    for ratio in ("20", True, None):
        with pytest.raises(TypeError, match="`imbalance_ratio` must be a number, got"):
            load(ratio)
