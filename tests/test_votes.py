"""Votes: the most frequent category wins, ties go evenly, absent voters do not count."""

from __future__ import annotations

from collections import Counter

import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from torchsmote.votes import vote, winners

TABLES = hnp.arrays("int64", hnp.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.integers(0, 4))


@given(TABLES)
def test_winners_are_the_most_frequent_values(table):
    values, wins = winners(torch.from_numpy(table))
    for row, (sorted_values, won) in enumerate(zip(values, wins, strict=True)):
        counts = Counter(table[row].tolist())
        expected = sorted(value for value, n in counts.items() if n == max(counts.values()))
        assert sorted_values[won].tolist() == expected


@given(TABLES, st.floats(0, 1, exclude_max=True))
def test_a_vote_is_one_of_the_winners(table, u):
    voters = torch.from_numpy(table)
    chosen = vote(voters, torch.full((len(voters),), u, dtype=torch.float64))
    values, wins = winners(voters)
    assert ((values == chosen[:, None]) & wins).any(1).all()


def test_ties_are_settled_evenly(device):
    voters = torch.tensor([[5, 2, 9, 2, 5, 9, 1]]).repeat(30_000, 1).to(device)
    u = (torch.arange(30_000, dtype=torch.float64) / 30_000).to(device)
    assert vote(voters, u).bincount().tolist() == [0, 0, 10_000, 0, 0, 10_000, 0, 0, 0, 10_000]


def test_absent_voters_do_not_count(device):
    voters = torch.tensor([[7, 7, 7, 1], [0, 0, 3, 3]], device=device)
    there = torch.tensor([[False, False, False, True], [True, False, True, True]], device=device)
    assert vote(voters, torch.zeros(2, device=device), there).tolist() == [1, 3]


def test_many_rows_are_counted_in_pieces(monkeypatch):
    voters = torch.randint(0, 4, (500, 6), generator=torch.Generator().manual_seed(0))
    whole = winners(voters)
    monkeypatch.setattr("torchsmote.votes._CHUNK", 100)
    for pieces, values in zip(winners(voters), whole, strict=True):
        assert torch.equal(pieces, values)
