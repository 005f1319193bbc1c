"""The split keeps groups whole, covers every row and tests each exactly once."""

import numpy as np
import pytest

from torchsmote.datasets import split_by_group


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 40, 2000)
    return (rng.random(2000) < 0.05).astype(int), groups


@pytest.mark.parametrize("seed", range(7))
def test_no_group_is_in_two_parts_and_no_row_is_lost(table, seed):
    target, groups = table
    split = split_by_group(target, groups, seed=seed)
    assert sorted(np.concatenate(split).tolist()) == list(range(2000))
    kept = [set(groups[part].tolist()) for part in split]
    assert sum(len(groups_of_part) for groups_of_part in kept) == len(set.union(*kept))
    assert all(target[part].sum() >= 5 for part in split)


@pytest.mark.parametrize("grouped", [True, False])
def test_five_seeds_test_every_row_once(table, grouped):
    target, groups = table
    splits = [split_by_group(target, groups if grouped else None, seed=seed) for seed in range(5)]
    assert sorted(np.concatenate([split.test for split in splits]).tolist()) == list(range(2000))
    assert not np.array_equal(splits[0].test, split_by_group(target, groups, seed=5).test)


def test_without_groups_the_classes_keep_their_shares(table):
    target, _ = table
    split = split_by_group(target)
    shares = [target[part].mean() for part in split]
    assert np.ptp(shares) < 0.005


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        ({"target": [0, 1] * 9, "n_folds": 2}, "`n_folds`"),
        ({"target": [0] * 9 + [1] * 4}, "4 rows of class"),
        ({"target": [0, 1] * 9, "groups": [1, 2]}, "`groups`"),
        ({"target": [0, 1] * 9, "groups": [1, 2, 3] * 6}, "3 groups"),
    ],
)
def test_what_cannot_be_split_is_refused(arguments, fact):
    with pytest.raises(ValueError, match=fact):
        split_by_group(**arguments)
