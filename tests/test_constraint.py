"""Rows that break a rule are drawn again, and only those."""

from __future__ import annotations

import pytest
import torch

from torchsmote.constraint import DomainRule, check_constraint, redraw_invalid
from torchsmote.draws import Draws, synthesize

X = torch.arange(10.0)[:, None]


def draws(steps):
    steps = torch.tensor(steps)
    zeros = torch.zeros(len(steps), dtype=torch.int64)
    return Draws(zeros, zeros[:, None] + 1, steps[:, None], zeros)


def low(rows):
    return rows[:, 0] < 0.5


def test_only_the_invalid_rows_are_drawn_again():
    asked = []

    def again(positions, attempt):
        asked.append((positions.tolist(), attempt))
        return draws([0.9, 0.3][-len(positions) :] if attempt == 1 else [0.2] * len(positions))

    first = draws([0.1, 0.8, 0.4, 0.7])
    got = redraw_invalid(X, first, again, [DomainRule(low)], 5)
    torch.testing.assert_close(got.step, torch.tensor([0.1, 0.2, 0.4, 0.3]))
    assert asked == [([1, 3], 1), ([1], 2)]
    assert low(synthesize(X, got)).all()
    torch.testing.assert_close(first.step, torch.tensor([0.1, 0.8, 0.4, 0.7]))  # not modified


def test_valid_rows_cost_no_redraw():
    first = draws([0.1, 0.2])
    assert redraw_invalid(X, first, lambda *_: pytest.fail("redrawn"), [DomainRule(low)], 3) is first
    empty = draws([])
    assert redraw_invalid(X, empty, lambda *_: pytest.fail("redrawn"), [DomainRule(low)], 3) is empty


@pytest.mark.parametrize("redraws", [0, 4])
def test_rows_that_stay_invalid_are_counted(redraws):
    calls = []

    def again(positions, attempt):
        calls.append(attempt)
        return draws([0.9] * len(positions))

    with pytest.raises(ValueError, match=rf"2 of 3 .*max_redraws={redraws}"):
        redraw_invalid(X, draws([0.9, 0.1, 0.8]), again, [DomainRule(low)], redraws)
    assert calls == list(range(1, redraws + 1))


@pytest.mark.parametrize(
    ("rule", "error", "fact"),
    [
        (lambda rows: rows[:, 0], TypeError, "float32"),
        (lambda rows: [True] * len(rows), TypeError, "list"),
        (lambda rows: rows < 1, ValueError, r"\(2, 1\)"),
        (lambda rows: torch.ones(3, dtype=torch.bool), ValueError, r"\(3,\)"),
    ],
)
def test_what_a_rule_returns_is_checked(rule, error, fact):
    with pytest.raises(error, match=f"constraint.*{fact}"):
        redraw_invalid(X, draws([0.1, 0.2]), lambda *_: draws([0.1]), [DomainRule(rule)], 3)


def test_wide_tables_are_judged_in_pieces():
    wide = torch.zeros(2, 1 << 20)  # 4 MiB a row: at most eight are made at a time
    sizes = []

    def rule(rows):
        sizes.append(len(rows))
        return torch.ones(len(rows), dtype=torch.bool)

    redraw_invalid(wide, draws([0.5] * 20), lambda *_: draws([]), [DomainRule(rule)], 1)
    assert sum(sizes) == 20
    assert max(sizes) == 8


def test_arguments_are_checked():
    check_constraint(None, 20)
    check_constraint(low, 0)
    with pytest.raises(TypeError, match=r"constraint.*int"):
        check_constraint(3, 20)
    with pytest.raises(TypeError, match=r"max_redraws.*float"):
        check_constraint(low, 2.0)
    for wrong in (-1, 2**16):
        with pytest.raises(ValueError, match=f"max_redraws.*{wrong}"):
            check_constraint(low, wrong)
