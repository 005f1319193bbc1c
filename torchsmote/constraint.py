"""Domain rules for synthetic rows: a row that breaks one is drawn again, a bounded number of times."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from .draws import Draws, synthesize

__all__ = ["Constraint", "check_constraint", "redraw_invalid"]

Constraint = Callable[[Tensor], Tensor]

_CHUNK_BYTES = 32 << 20  # rows shown to the rule at a time, so that a whole table is never made twice


def check_constraint(constraint: object, max_redraws: object) -> None:
    """Raise unless ``constraint`` is None or callable and ``max_redraws`` is a count.

    Raises:
        TypeError: If ``constraint`` is not callable or ``max_redraws`` is not an int.
        ValueError: If ``max_redraws`` is negative or above 65,535.
    """
    if constraint is not None and not callable(constraint):
        raise TypeError(
            "`constraint` must be a callable from rows (m, d) to bool (m,), or None, "
            f"got {type(constraint).__name__}"
        )
    if isinstance(max_redraws, bool) or not hasattr(max_redraws, "__index__"):
        raise TypeError(f"`max_redraws` must be an int, got {type(max_redraws).__name__}")
    if not 0 <= max_redraws.__index__() <= 0xFFFF:
        raise ValueError(f"`max_redraws` must be in [0, 65535], got {max_redraws}")


def redraw_invalid(
    X: Tensor,
    draws: Draws,
    again: Callable[[Tensor, int], Draws],
    constraint: Constraint,
    max_redraws: int,
    *,
    strict: bool = True,
) -> Draws:
    """Replace the draws whose rows break a rule by fresh ones.

    Args:
        X: The rows that ``draws`` index, floating point, shape (n, d).
        draws: What was drawn, n_new rows; not modified.
        again: From positions in ``draws``, int64, shape (m,), and an attempt (1, 2, ...) to fresh draws of
            those m rows.
        constraint: From rows (m, d) to bool (m,): True where a row is valid. It sees at most some 32 MiB of
            rows in one call, so it must judge each row by itself.
        max_redraws: How many attempts a row gets after its first draw.
        strict: False: rows that stay invalid get NaN as steps, and no error is raised for them.

    Returns:
        Draws of the same shapes, every row valid (with ``strict``).

    Raises:
        TypeError: If ``constraint`` returns something else than a bool tensor.
        ValueError: If it returns another shape, or rows stay invalid after ``max_redraws`` attempts.

    >>> X = torch.tensor([[0.0], [1.0]])
    >>> def at(step):
    ...     return Draws(*(torch.tensor(v) for v in ([0], [[1]], [[step]], [0])))
    >>> redraw_invalid(X, at(0.9), lambda positions, attempt: at(0.2), lambda rows: rows[:, 0] < 0.5, 5).step
    tensor([0.2000])
    """
    invalid = _invalid(X, draws, constraint)
    for attempt in range(1, max_redraws + 1):
        if not invalid.numel():
            break
        fresh = again(invalid, attempt)
        draws = Draws(*(old.index_copy(0, invalid, new) for old, new in zip(draws, fresh, strict=True)))
        invalid = invalid[_invalid(X, fresh, constraint)]
    if invalid.numel() and not strict:
        return draws._replace(steps=draws.steps.index_fill(0, invalid, torch.nan))
    if invalid.numel():
        raise ValueError(
            f"`constraint`: {invalid.numel()} of {draws.base.numel()} synthetic rows stayed invalid after "
            f"max_redraws={max_redraws} redraws; loosen the constraint, raise max_redraws, or check that the "
            "real rows themselves satisfy it"
        )
    return draws


def _invalid(X: Tensor, draws: Draws, constraint: Constraint) -> Tensor:
    """Positions of the draws whose rows break the rule, int64."""
    n_new = draws.base.shape[0]
    width = X.element_size() * max(1, X[:1].numel())
    chunk = max(1, _CHUNK_BYTES // width)
    verdicts = [
        _judge(synthesize(X, Draws(*(values[start : start + chunk] for values in draws))), constraint)
        for start in range(0, n_new, chunk)
    ]
    return (~torch.cat(verdicts)).nonzero()[:, 0] if verdicts else draws.base


def _judge(rows: Tensor, constraint: Constraint) -> Tensor:
    valid = constraint(rows)
    if not isinstance(valid, Tensor) or valid.dtype != torch.bool:
        got = valid.dtype if isinstance(valid, Tensor) else type(valid).__name__
        raise TypeError(f"`constraint` must return a bool tensor of shape (m,), got {got}")
    if valid.shape != rows.shape[:1]:
        raise ValueError(
            f"`constraint` must return one bool for each of {rows.shape[0]} rows, "
            f"got shape {tuple(valid.shape)}"
        )
    return valid.to(rows.device)
