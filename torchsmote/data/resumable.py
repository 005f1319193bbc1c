"""What every sampler of epochs can do: choose the epoch, save where it stands, and continue there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .progress import Progress

__all__ = ["Resumable", "announcer", "check_length", "dataset_identity"]


class Resumable:
    """Epochs that move on by themselves, and a state.

    A subclass gives each new ``iter()`` the epoch that ``_progress.begin()`` returns, and tells ``_progress``
    how far it came.
    """

    _progress: Progress

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of the next ``iter()``.

        A state loaded before keeps its place where it stopped in this very epoch.

        Args:
            epoch: In [0, 2**32).
        """
        self._progress.set_epoch(epoch)

    def state_dict(self, consumed: int | None = None) -> dict[str, Any]:
        """Where the current epoch stands.

        Args:
            consumed: Rows of this epoch that training has used, on all ranks together, those that ranks
                repeat at its end included; None: those handed out.

        Returns:
            A dict of ints, bools and short strings.

        Raises:
            TypeError: If ``consumed`` is no int.
            ValueError: If ``consumed`` is negative or above the rows of an epoch, or the dataset is no longer
                the one that the sampler was made for.
        """
        return self._progress.state_dict(consumed, self._most())

    def _most(self) -> int:
        """Rows that may have been used of an epoch; where ranks repeat some at its end, with these."""
        return 0

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state: the next ``iter()`` gives the rest of its epoch; the next if that had ended.

        Args:
            state: What ``state_dict`` gave, of a sampler over the same data with the same arguments. The
                number of workers may be another, and so may the number of ranks.

        Raises:
            TypeError: If it is no dict, or its epoch or position no int.
            ValueError: If it is another kind of state, or from another seed, order, length or version, or
                from a dataset of other labels or another resampler. The message says which.
        """
        self._progress.load_state_dict(state)


def check_length(dataset: Any, length: int) -> None:
    """Refuse a dataset that has no longer the length a sampler was made for.

    Raises:
        ValueError: If it has not.
    """
    if len(dataset) != length:
        raise ValueError(
            f"`dataset` had {length} rows when its sampler was made and has {len(dataset)} now; make a new "
            "sampler, and a new DataLoader with it"
        )


def announcer(dataset: Any) -> Callable[[NDArray[np.int64]], None]:
    """What to tell which indices come next; nobody, where the dataset does not ask for it."""
    told: Callable[[NDArray[np.int64]], None] = getattr(dataset, "announce", _nobody)
    return told


def _nobody(indices: NDArray[np.int64]) -> None:
    """A function of the module, since samplers are sent to other processes."""


def dataset_identity(dataset: Any) -> dict[str, Any]:
    """What a state has to agree with in its dataset, besides the length."""
    return {"dataset_seed": getattr(dataset, "seed", None), **getattr(dataset, "fingerprint", {})}
