"""Rules for synthetic rows: a row that breaks one is drawn again, a bounded number of times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from .draws import synthesize

__all__ = ["Constraint", "DomainRule", "Drawn", "Rule", "check_constraint", "redraw_invalid"]

Constraint = Callable[[Tensor], Tensor]
Drawn = TypeVar("Drawn", bound=NamedTuple)  # `Draws`, or a named tuple that begins with its four fields

_CHUNK_BYTES = 32 << 20  # rows shown to the rule at a time, so that a whole table is never made twice


class Rule(Protocol):
    """What synthetic rows must satisfy."""

    def allows(self, rows: Tensor, labels: Tensor) -> Tensor:
        """Which rows (m, d) of classes (m,), as positions in ``classes_``, are valid: bool, shape (m,).

        It sees at most some 32 MiB of rows in one call, so it must judge each row by itself.
        """

    def complaint(self, labels: Tensor, n_new: int, max_redraws: int) -> str:
        """What to say of rows of these classes, out of ``n_new``, that broke it to the end."""


@dataclass(frozen=True, eq=False)
class DomainRule:
    """The caller's ``constraint=`` as a rule.

    Attributes:
        constraint: From rows (m, d) to bool (m,): True where a row is valid.
        columns: Which columns of a row it is shown, int64; None: all.
    """

    constraint: Constraint
    columns: Tensor | None = None

    def allows(self, rows: Tensor, labels: Tensor) -> Tensor:
        """What the constraint says, checked.

        Raises:
            TypeError: If it returns something else than a bool tensor.
            ValueError: If it returns another shape.
        """
        valid = self.constraint(rows if self.columns is None else rows[:, self.columns.to(rows.device)])
        if not isinstance(valid, Tensor) or valid.dtype != torch.bool:
            got = valid.dtype if isinstance(valid, Tensor) else type(valid).__name__
            raise TypeError(f"`constraint` must return a bool tensor of shape (m,), got {got}")
        if valid.shape != rows.shape[:1]:
            raise ValueError(
                f"`constraint` must return one bool for each of {rows.shape[0]} rows, "
                f"got shape {tuple(valid.shape)}"
            )
        return valid.to(rows.device)

    def complaint(self, labels: Tensor, n_new: int, max_redraws: int) -> str:
        """How many rows stayed invalid, and what to do."""
        return (
            f"`constraint`: {labels.numel()} of {n_new} synthetic rows stayed invalid after "
            f"max_redraws={max_redraws} redraws; loosen the constraint, raise max_redraws, or check that the "
            "real rows themselves satisfy it"
        )


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
    draws: Drawn,
    again: Callable[[Tensor, int], Drawn],
    rules: Sequence[Rule],
    max_redraws: int,
    *,
    make: Callable[[Tensor, Any], Tensor] = synthesize,
    strict: bool = True,
) -> Drawn:
    """Replace the draws whose rows break a rule by fresh ones.

    Args:
        X: The rows that ``draws`` index, floating point, shape (n, d).
        draws: What was drawn, n_new rows: `Draws`, or another tuple that ``make`` takes; not modified.
        again: From positions in ``draws``, int64, shape (m,), and an attempt (1, 2, ...) to fresh draws of
            those m rows.
        rules: What the rows must satisfy, each of them.
        max_redraws: How many attempts a row gets after its first draw.
        make: From X and draws to the rows that the rules are shown.
        strict: False: rows that stay invalid get NaN as steps, and no error is raised for them.

    Returns:
        Draws of the same shapes, every row valid (with ``strict``).

    Raises:
        ValueError: If rows stay invalid after ``max_redraws`` attempts.

    >>> from torchsmote import Draws
    >>> X = torch.tensor([[0.0], [1.0]])
    >>> def at(step):
    ...     return Draws(*(torch.tensor(v) for v in ([0], [[1]], [[step]], [0])))
    >>> low = DomainRule(lambda rows: rows[:, 0] < 0.5)
    >>> redraw_invalid(X, at(0.9), lambda positions, attempt: at(0.2), [low], 5).step
    tensor([0.2000])
    """
    base: Tensor = draws[0]
    invalid = torch.arange(len(base), device=base.device)[_broken(X, draws, rules, make)]
    for attempt in range(1, max_redraws + 1):
        if not invalid.numel():
            break
        fresh = again(invalid, attempt)
        draws = draws._make(old.index_copy(0, invalid, new) for old, new in zip(draws, fresh, strict=True))
        invalid = invalid[_broken(X, fresh, rules, make)]
    if invalid.numel() and not strict:
        steps: Tensor = draws[2]
        return draws._replace(steps=steps.index_fill(0, invalid, torch.nan))
    if invalid.numel():
        left = draws._make(values.index_select(0, invalid) for values in draws)
        labels: Tensor = left[3]
        broken = [(rule, labels[_broken(X, left, [rule], make)]) for rule in rules]
        said = [rule.complaint(those, len(base), max_redraws) for rule, those in broken if those.numel()]
        raise ValueError("; and ".join(said))
    return draws


def _broken(
    X: Tensor, draws: NamedTuple, rules: Sequence[Rule], make: Callable[[Tensor, Any], Tensor]
) -> Tensor:
    """Which draws make a row that breaks a rule, bool, shape (n_new,)."""
    base: Tensor = draws[0]
    chunk = max(1, _CHUNK_BYTES // (X.element_size() * max(1, X[:1].numel())))
    broken = torch.zeros_like(base, dtype=torch.bool)
    for start in range(0, len(base), chunk):
        part = draws._make(values[start : start + chunk] for values in draws)
        rows = make(X, part)
        for rule in rules:
            broken[start : start + chunk] |= ~rule.allows(rows, part[3])
    return broken
