"""How many rows of each class every batch holds, so that shares are exact over any number of batches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .plan import Rows

__all__ = ["Quotas", "check_shares"]

_ROUNDING = 1e-6  # rows; what float64 loses of a share times the rows of an epoch


class Quotas:
    """Numbers of rows of each class in batches that follow one another.

    After any number of batches, each class has had its share of all rows so far, rounded up or down: the
    remainders of one batch go into the next. In which batch a class is rounded up is settled by who would
    otherwise fall behind first: rows are scheduled by earliest deadline, which meets all these bounds.

    Args:
        shares: Of each class, summing to 1, shape (c,).
        batch_size: Rows in a batch.

    Reference:
        Tijdeman, "The chairman assignment problem", Discrete Mathematics 32, 1980.

    >>> quotas = Quotas(np.array([0.5, 0.3, 0.2]), 4)
    >>> np.diff([quotas.before(batch) for batch in range(6)], axis=0).tolist()
    [[2, 1, 1], [2, 2, 0], [2, 1, 1], [2, 1, 1], [2, 1, 1]]
    """

    def __init__(self, shares: NDArray[np.float64], batch_size: int) -> None:
        self.shares = shares
        self.batch_size = batch_size
        each = shares * batch_size
        self._whole = np.rint(each).astype(np.int64) if np.allclose(each, each.round(), 0, 1e-12) else None
        self._reached = (0, np.zeros(len(shares), dtype=np.int64))

    def least(self, batches: int) -> Rows:
        """Rows of each class that as many batches hold at least, shape (c,)."""
        return np.floor(self.shares * (batches * self.batch_size) + _ROUNDING).astype(np.int64)

    def before(self, batch: int) -> Rows:
        """Rows of each class in the batches before this one, shape (c,).

        It goes on from the batch asked for last: some 20 microseconds for each one between, and nothing
        where every share of a batch is a whole number of rows.
        """
        if self._whole is not None:
            return self._whole * batch
        at, done = self._reached
        if batch < at:
            at, done = 0, np.zeros_like(done)
        for number in range(at, batch):
            done = done + self._next(done, (number + 1) * self.batch_size)
        self._reached = (batch, done)
        return done

    def _next(self, done: Rows, after: int) -> Rows:
        """Rows of each class in the batch that ends after that many rows."""
        most = np.ceil(self.shares * after - _ROUNDING).astype(np.int64)
        free = np.maximum(most - done, 0)
        of_class = np.repeat(np.arange(len(free)), free)
        place = np.arange(len(of_class)) - np.repeat(free.cumsum() - free - done, free)
        deadline = (place + 1) / self.shares[of_class]
        first = deadline.argsort(kind="stable")[: self.batch_size]
        return np.bincount(of_class[first], minlength=len(free))


def check_shares(shares: Any, classes: Sequence[Any]) -> NDArray[np.float64]:
    """The share of each class in every batch, shape (c,).

    Args:
        shares: A share for each class, by its label or in the order of ``classes``; None: all alike.
        classes: The labels, sorted.

    Raises:
        TypeError: If it is neither, or holds no numbers.
        ValueError: If a class is missing or unknown, or shares are negative or do not sum to 1.

    >>> check_shares({"rare": 0.25, "common": 0.75}, ["common", "rare"]).tolist()
    [0.75, 0.25]
    """
    known = list(classes)
    if shares is None:
        return np.full(len(known), 1 / len(known))
    if hasattr(shares, "keys"):  # a Series of pandas too, whose order says nothing
        shares = dict(shares.items())
        wrong = [label for label in shares if label not in known] or [c for c in known if c not in shares]
        if wrong:
            state = "is missing" if wrong[0] in known else "is no class"
            raise ValueError(f"`shares`: {wrong[0]!r} {state}; give one for each of the classes {known}")
        shares = [shares[label] for label in known]
    ordered = hasattr(shares, "__len__") and hasattr(shares, "__getitem__")  # a set has no order
    if isinstance(shares, (str, bytes)) or not ordered:
        raise TypeError(f"`shares` must be a dict or a sequence of numbers, got {type(shares).__name__}")
    try:
        given = np.asarray([float(share) for share in shares])
    except (TypeError, ValueError):
        raise TypeError(f"`shares` must hold numbers, got {shares!r}") from None
    if len(given) != len(known):
        raise ValueError(f"`shares` must have one for each of the {len(known)} classes, got {len(given)}")
    if not (given >= 0).all() or not math.isclose(given.sum(), 1, abs_tol=1e-6):
        raise ValueError(f"`shares` must be at least 0 and sum to 1, got {given.tolist()}")
    normed: NDArray[np.float64] = given / given.sum()
    return normed
