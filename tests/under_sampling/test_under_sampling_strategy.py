"""What `sampling_strategy` means when rows are taken away."""

import numpy as np
import pytest

from torchsmote import EditedNearestNeighbours, TomekLinks
from torchsmote.strategy import classes_to_clean, rows_to_keep
from torchsmote.targets import encode


def counted(counts, labels=None):
    return encode(np.repeat(np.arange(len(counts)) if labels is None else labels, counts))


def test_every_name():
    targets = counted([10, 4, 7])
    for meaning in (rows_to_keep, classes_to_clean):
        assert meaning("auto", targets) == {0: 4, 2: 4}
        assert meaning("not minority", targets) == {0: 4, 2: 4}
        assert meaning("not majority", targets) == {1: 4, 2: 4}
        assert meaning("majority", targets) == {0: 4}
        assert meaning("all", targets) == {0: 4, 1: 4, 2: 4}


def test_mappings_count_the_final_rows():
    targets = counted([10, 4, 7])
    assert rows_to_keep({2: np.int64(5), 0: 10}, targets) == {0: 10, 2: 5}
    assert rows_to_keep(lambda y: {0: int((y == 1).sum())}, targets) == {0: 4}
    assert list(rows_to_keep({2: 5, 0: 9}, targets)) == [0, 2]


@pytest.mark.parametrize(
    ("strategy", "error", "facts"),
    [
        ({0: 11}, ValueError, "11 rows of class 0, which has 10.*over-sampler"),
        ({5: 1}, ValueError, "the class 5.*not present"),
        ({0: -1}, ValueError, "negative"),
        ({0: 2.5}, TypeError, "2.5"),
        (lambda y: [0], TypeError, "list"),
        (0.5, ValueError, "3 classes"),
    ],
)
def test_impossible_counts(strategy, error, facts):
    with pytest.raises(error, match=facts):
        rows_to_keep(strategy, counted([10, 4, 7]))


@pytest.mark.parametrize(("ratio", "kept"), [(0.5, 14), (1.0, 7), (0.07, 100), (0.069, None), (0.29, 24)])
def test_ratios(ratio, kept):
    targets = counted([100, 7])
    if kept is None:
        with pytest.raises(ValueError, match=r"0.069 removes no row: class 0 has 100.*at least 0.07"):
            rows_to_keep(ratio, targets)
    else:
        assert rows_to_keep(ratio, targets) == {0: kept}


def test_lists_and_functions_name_the_classes_to_clean():
    targets = counted([10, 4, 7], ["a", "b", "c"])
    assert classes_to_clean(["c", "a"], targets) == {"a": 4, "c": 4}
    assert classes_to_clean(lambda y: {label for label in y if label != "b"}, targets) == {"a": 4, "c": 4}
    with pytest.raises(ValueError, match=r"the class 'd'.*not present.*'a', 'b', 'c'"):
        classes_to_clean(["d"], targets)
    with pytest.raises(ValueError, match=r"dict asks for counts.*list: \['a'\]"):
        classes_to_clean({"a": 3}, targets)


@pytest.mark.parametrize("bad", [0.5, "minority", "rare", None])
def test_a_cleaning_strategy_of_the_wrong_kind(bad):
    with pytest.raises(ValueError, match="'sampling_strategy' parameter of TomekLinks"):
        TomekLinks(sampling_strategy=bad).fit([[0.0], [1.0]], [0, 1])


def test_a_listed_class_that_is_absent():
    with pytest.raises(ValueError, match="names the class 7"):
        EditedNearestNeighbours(sampling_strategy=[7]).fit([[0.0], [1.0]], [0, 1])


def test_a_function_that_returns_counts_is_refused_by_a_cleaner():
    X, y = np.arange(30.0).reshape(-1, 1), np.repeat([0, 1], [20, 10])
    with pytest.raises(ValueError, match=r"list: \[0\]"):
        TomekLinks(sampling_strategy=lambda labels: {0: 5}).fit_resample(X, y)
