"""How far a stream of epochs has come: what samplers and loaders save and load."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from inspect import GEN_CLOSED, GEN_CREATED, getgeneratorstate
from itertools import chain
from operator import index as as_int
from operator import length_hint
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..random import Purpose, check_epoch, stream_seed

__all__ = ["EpochStream", "Progress", "epoch_order"]

_VERSION = 2


def epoch_order(length: int, seed: int, epoch: int, dtype: torch.dtype = torch.int64) -> Tensor:
    """A permutation of ``length`` rows, a pure function of (seed, epoch), the same in int32 as in int64."""
    generator = torch.Generator().manual_seed(stream_seed(seed, epoch, Purpose.SHUFFLE))
    return torch.randperm(length, generator=generator, dtype=dtype)


class Progress:
    """Which epoch comes next, and how many of its rows have been handed out.

    Args:
        identity: Returns what a saved state must agree with, by name: length, seed and so on.
    """

    def __init__(self, identity: Callable[[], dict[str, Any]]) -> None:
        self.identity = identity
        self._next = 0
        self._skip = 0
        self._epoch: int | None = None
        self._rest: Iterator[Any] = iter(())
        self._end = 0
        self._stride = 1

    def begin(self, least: int = 0) -> tuple[int, int]:
        """Start the next epoch; returns it and the position to start at.

        Args:
            least: Rows that must be left of an epoch that a loaded state stopped in; else it is over.
        """
        if self._skip and self.identity()["length"] - self._skip < least:
            self._next, self._skip = self._next + 1, 0
        epoch, start = self._next, self._skip
        self._epoch, self._next, self._skip = epoch, epoch + 1, 0
        self.advance_to(start)
        return epoch, start

    def follow(self, rest: Iterator[Any], end: int, stride: int = 1) -> Iterator[Any]:
        """Hand out ``rest``, a list's iterator, and know how far it came.

        What is left is asked for when it matters, so that counting costs nothing for each index.

        Args:
            rest: What this process hands out.
            end: The position after all of it.
            stride: Rows of the epoch that each element stands for: those that all ranks take at once.
        """
        self._rest, self._end, self._stride = rest, end, stride
        return rest

    def advance_to(self, position: int) -> None:
        """Say how many rows of the epoch have been handed out."""
        self._rest, self._end, self._stride = iter(()), position, 1

    @property
    def position(self) -> int:
        """Rows of the epoch handed out so far."""
        return self._end - length_hint(self._rest) * self._stride

    @property
    def ended(self) -> bool:
        """Whether every row of the epoch has been handed out."""
        return bool(self.position == self.identity()["length"])

    def set_epoch(self, epoch: int) -> None:
        """Choose the next epoch; it starts at row 0 unless it is the one that a loaded state stopped in."""
        epoch = check_epoch(epoch)
        if epoch != self._next:
            self._next, self._skip = epoch, 0

    def state_dict(self, position: int | None = None, most: int = 0) -> dict[str, Any]:
        """The state: some small values.

        Args:
            position: In place of the rows handed out.
            most: What it may be where that is more than the rows of an epoch; it then stands for all of them.
        """
        if self._epoch is not None and self._next == self._epoch + 1:
            epoch, at = self._epoch, self.position
        else:
            epoch, at = self._next, self._skip
        identity = self.identity()
        length = identity["length"]
        at = _check_position(at if position is None else position, max(length, most), "consumed")
        return {"version": _VERSION, **identity, "epoch": epoch, "position": min(at, length)}

    def __str__(self) -> str:
        state = self.state_dict()
        return f"epoch={state['epoch']}, position={state['position']}"

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where the state was saved; a finished epoch continues with the next.

        Raises:
            TypeError: If the state is no dict, or its epoch or position no int.
            ValueError: If the state is not one of these, or comes from another seed, length or version.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"`state` must be a dict that state_dict() gave, got {type(state).__name__}")
        # First, since a state of another version may lack what this one has.
        if "version" in state and _plain(state["version"]) != _VERSION:
            raise ValueError(
                f"`state` was saved with version={state['version']!r}, but this torchsmote reads version="
                f"{_VERSION}: finish that epoch with the torchsmote that saved it, or start one anew"
            )
        expected = self.identity()
        missing = [name for name in ("version", *expected, "epoch", "position") if name not in state]
        if missing:
            raise ValueError(
                f"`state` is not a saved state of this kind of sampler: it lacks {', '.join(missing)}"
            )
        for name, value in expected.items():
            if _plain(state[name]) != value:
                raise ValueError(
                    f"`state` was saved with {name}={state[name]!r} but this one has {name}={value!r}; "
                    "resume with the same data and arguments"
                )
        epoch = check_epoch(state["epoch"], "state['epoch']")
        position = _check_position(state["position"], expected["length"], "state['position']")
        finished = position == expected["length"]
        self._next = epoch + 1 if finished else epoch
        self._skip = 0 if finished else position
        self._epoch = None


class EpochStream(chain[Any]):
    """What one ``iter()`` of a sampler gives, as fast as `itertools.chain`, with a state of its own.

    A sampler whose epoch has ended is at the start of the next one. A loader of torchdata that stopped after
    the last batch, though, has to see the end of this epoch first, and so asks the iterator too.
    """

    _source: Generator[Iterator[Any], None, None]
    _progress: Progress

    @classmethod
    def of(cls, pieces: Generator[Iterator[Any], None, None], progress: Progress) -> EpochStream:
        """The stream of what the ``pieces`` hold; their generator begins the epoch of ``progress``."""
        stream = cls.from_iterable(pieces)
        assert isinstance(stream, EpochStream)
        stream._source, stream._progress = pieces, progress
        return stream

    def state_dict(self) -> dict[str, bool]:
        """Whether everything has been handed out; the rest is in the sampler's state."""
        at = getgeneratorstate(self._source)
        return {"finished": at == GEN_CLOSED or (at != GEN_CREATED and self._progress.ended)}

    def load_state_dict(self, state: dict[str, bool]) -> None:
        """End at once where the saved stream had ended; call it before anything is asked for."""
        if state["finished"]:
            self._source.close()


def _plain(value: Any) -> Any:
    """A value that may have become a tensor or an array on its way through a checkpoint."""
    return value.tolist() if isinstance(value, (Tensor, np.ndarray)) else value


def _check_position(position: int, length: int, name: str) -> int:
    if isinstance(position, bool) or not hasattr(position, "__index__"):
        raise TypeError(f"`{name}` must be an int, got {type(position).__name__}")
    position = as_int(position)
    if not 0 <= position <= length:
        raise ValueError(f"`{name}` must be in [0, {length}], rows of one epoch, got {position}")
    return position
