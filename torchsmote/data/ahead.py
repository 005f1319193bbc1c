"""Batches made some at a time where the order of reading is announced.

A DataLoader asks for one batch after another, and each time pays for calls that are out of the processor's
cache. A sampler in the same process knows what comes next, so that several batches can be made in one go.
An announcement is a hint: what is read is compared with it, and anything else is made as it is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from .batch import Stack, cut
from .plan import Rows

__all__ = ["Ahead"]

_BYTES = 2 << 20  # made at a time
_CHUNKS = 2  # announcements kept: a batch may begin in one and end in the next


class Ahead:
    """Serves announced batches from groups of them. A copy for another process starts empty.

    Args:
        row_bytes: Bytes of a sample.
    """

    def __init__(self, row_bytes: int) -> None:
        self.row_bytes = row_bytes
        self._announced: deque[Rows] = deque(maxlen=_CHUNKS)
        self._at = 0  # where the next batch begins in the first announcement
        self._ready: deque[tuple[Stack, ...]] = deque()
        self._key: Any = None  # size and state of the batches that are ready

    def __reduce__(self) -> tuple[type[Ahead], tuple[int]]:
        return Ahead, (self.row_bytes,)

    def announce(self, indices: Rows) -> None:
        """Say which indices will be read next."""
        if len(self._announced) == _CHUNKS:  # nobody reads here: worker processes do
            self.forget()
        self._announced.append(indices)

    def forget(self) -> None:
        """Drop what was announced and made."""
        self._announced.clear()
        self._ready.clear()
        self._at = 0

    def take(self, indices: Rows, state: Any, make: Callable[[Rows], list[Stack]]) -> list[Stack] | None:
        """The batch of these indices, if they are the announced ones.

        Args:
            indices: What is read, shape (b,).
            state: What else a batch depends on; batches made under another are not served.
            make: Makes the samples of any indices.

        Returns:
            The batch; None where it has to be made alone.
        """
        if not self._announced or not len(indices):
            return None
        chunk, start, b = self._announced[0], self._at, len(indices)
        if not (chunk[start : start + b] == indices[: len(chunk) - start]).all():
            self.forget()
            return None
        self._at += b
        if self._at >= len(chunk):
            self._announced.popleft()
            self._at -= len(chunk)
        if self._key != (b, state):
            self._ready.clear()
        if not self._ready:
            batches = min(_BYTES // (b * self.row_bytes), (len(chunk) - start) // b)
            if batches < 2:
                return None
            try:
                made = make(chunk[start : start + batches * b])
            except ValueError:  # a row breaks the constraint, maybe one that nobody has asked for yet
                self.forget()
                return None
            self._ready.extend(cut(made, b))
            self._key = (b, state)
        return list(self._ready.popleft())
