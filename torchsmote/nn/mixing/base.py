"""What every mixing module does: checks, structure, random numbers and the mix itself, each written once."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import get_worker_info

from ...data.items import rebuild
from ...draws import blend
from ...random import check_seed
from ..checks import real, whole
from ..soft_labels import as_shares
from .structure import LabelsGetter, check_labels_getter, parts_of

__all__ = ["MixDraws", "Mixing", "on_device"]


class MixDraws(NamedTuple):
    """What was drawn for each row of a batch.

    Attributes:
        partner: The row it is mixed with, int64, shape (b,).
        step: How far the row goes towards its partner, in [0, 1], floating point, shape (b,).
        label_step: How far its label goes, shape (b,).
    """

    partner: Tensor
    step: Tensor
    label_step: Tensor


class Mixing(nn.Module):
    """Mix each row of a training batch with a partner, and its label too: the base class.

    ``x + step * (x[partner] - x)`` for every floating tensor of the batch, and the same with ``label_step``
    for the shares of the classes. A method fills in ``draw``: who is the partner, how far a row and its label
    go. Everything else is here.

    The numbers are a pure function of (seed, step of training): the step is counted on the host, travels in
    the ``state_dict``, and never makes the host wait for the device. In a worker of a DataLoader they are a
    function of the worker's own seed as well.
    """

    needs_labels: ClassVar[bool] = False  # whether `draw` reads the classes

    def __init__(
        self, *, num_classes: int, alpha: float, labels_getter: LabelsGetter = "default", seed: int = 0
    ) -> None:
        super().__init__()
        self.num_classes = whole(num_classes, "num_classes", 1)
        self.alpha = real(alpha, "alpha", 0, above=True)
        self.labels_getter = check_labels_getter(labels_getter)
        if labels_getter is None and self.needs_labels:
            raise ValueError(f"`labels_getter` must not be None: {type(self).__name__} reads the classes")
        self.seed = check_seed(seed)
        self.step = 0

    @abstractmethod
    def draw(self, rows: Tensor, classes: Tensor | None, rng: np.random.Generator) -> MixDraws:
        """Draw partners and steps of a batch.

        Args:
            rows: The first floating tensor of the batch, shape (b, ...), b at least 2.
            classes: Class of each row, int64, shape (b,), the largest of its shares where labels are soft;
                None where there are no labels.
            rng: Source of the numbers, on the host.

        Returns:
            The draws, on the device of ``rows``.
        """

    def forward(self, *inputs: Any) -> Any:
        """Mix a batch in training mode; in eval mode return the objects given.

        Args:
            *inputs: One batch (a tuple, list or mapping, nested or not), or several values, such as rows and
                labels, which are taken as one tuple. Labels are classes, int64, shape (b,), or shares of
                them, floating point, shape (b, num_classes).

        Returns:
            The same structure: floating tensors mixed, labels as shares, floating point, shape
            (b, num_classes), and all other leaves as they were. A batch of fewer than two rows stays as it
            is, but for the form of its labels.

        Raises:
            TypeError: If labels are no tensor of classes or shares, the only floating values an array, or
                nothing is given.
            ValueError: If labels are missing, out of range (on the CPU), or not as many as the rows; if
                nothing can be mixed.
        """
        if not inputs:
            raise TypeError(f"{type(self).__name__} needs a batch, or rows and labels; got nothing")
        batch = inputs[0] if len(inputs) == 1 else inputs
        if not self.training:
            return batch
        values, places, at, size = parts_of(batch, self.labels_getter, self.num_classes)
        if at is not None:
            values[at] = as_shares(values[at], self.num_classes)
        if size > 1:
            # On the host, so outside of a compiled graph. Said here, since as a decorator it would load the
            # whole compiler for everyone who imports this.
            compiling = torch.compiler.is_compiling()
            draw_next = torch.compiler.disable(self._next) if compiling else self._next
            draws = draw_next(values[places[0]], None if at is None else values[at])
            for place in places:
                values[place] = _mixed(values[place], draws.partner, draws.step)
            if at is not None:
                values[at] = _mixed(values[at], draws.partner, draws.label_step)
        return rebuild(batch, iter(values))

    def _next(self, rows: Tensor, shares: Tensor | None) -> MixDraws:
        """The draws of this step."""
        worker = get_worker_info()
        # Workers are copies of one module: without their own seed, which the loader changes in every epoch,
        # they would all draw the same.
        key = np.array([self.seed, 0 if worker is None else worker.seed], dtype=np.uint64)
        counter = np.array([0, 0, self.step, 0], dtype=np.uint64)
        self.step += 1
        rng = np.random.Generator(np.random.Philox(counter=counter, key=key))
        with torch.no_grad(), torch.autocast(rows.device.type, enabled=False):
            classes = None if shares is None else shares.argmax(1)
            return self.draw(rows.detach(), classes, rng)

    def get_extra_state(self) -> Tensor:
        """The number of the step, for ``state_dict``."""
        return torch.tensor(self.step, dtype=torch.int64)

    def set_extra_state(self, state: Any) -> None:
        """Go on from the step of a ``state_dict``."""
        self.step = int(state)

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        hidden = ("training", "step")
        shown = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return ", ".join(f"{name}={value!r}" for name, value in shown.items() if name not in hidden)


def on_device(numbers: NDArray[Any], device: torch.device) -> Tensor:
    """Numbers of the host as a tensor on a device, without a wait for it."""
    return torch.from_numpy(numbers).to(device, non_blocking=True)


def _mixed(rows: Tensor, partner: Tensor, step: Tensor) -> Tensor:
    return blend(rows, rows.index_select(0, partner).unsqueeze(1), step.unsqueeze(1))
