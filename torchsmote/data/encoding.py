"""BatchedFeatures: features that an encoder computes from batches of items."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from operator import index as as_int
from threading import Event
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from ..devices import resolve_device
from ..isolation import own_randomness, reading
from ..neighbors.checks import check_k
from ..progress import show_progress
from ..random import check_seed
from .encoder_inputs import Inputs
from .items import leaves, rebuild
from .rank_shares import computed_by_all

__all__ = ["BatchedFeatures", "Cancelled", "as_features"]


class Cancelled(Exception):
    """A run that nobody waits for any more was stopped."""


class BatchedFeatures:
    """Features of items by an encoder that takes whole batches: for ``features=`` of `SMOTEDataset`.

    Items are read ``batch_size`` at a time, what the encoder takes of each is stacked, and what it returns is
    flattened to (b, d). A module runs in eval mode without gradients; its modes and buffers are afterwards
    what they were. Random numbers that transforms of the dataset draw meanwhile come from generators seeded
    here, so features are the same each time (for one number of workers), and global ones stay as they are.

    ``SMOTEDataset(dataset, features=encoder)`` with a plain module means ``BatchedFeatures(encoder)``.

    Args:
        encoder: A module, a method of one (``model.encode``), or any function of a batch, to a floating
            tensor (b, ...). A module wrapped for data-parallel training is unwrapped.
        batch_size: Items encoded together.
        device: Where batches are sent; None: where the module's first parameter is, else the CPU.
        num_workers: Worker processes that read items; 0: this one does.
        inputs: From an item to what the encoder takes of it, stacked by torch's ``default_collate``; None:
            the item's first floating leaf besides the label.
        group: A group of torch.distributed, all of whose processes compute features at the same time: each
            encodes a share, and all get all, equal bit for bit to those of one process. None: this process
            encodes every item.
        progress: Show a bar in a terminal, a line now and then elsewhere.
        seed: Of the random numbers drawn while items are read, in [0, 2**64).

    Raises:
        TypeError: If ``encoder`` or ``inputs`` cannot be called, or a number is no int.
        ValueError: If ``batch_size`` is below 1 or ``num_workers`` below 0, or the device is not usable here.

    >>> from torch.utils.data import TensorDataset
    >>> from torchsmote import SMOTE, SMOTEDataset
    >>> X, y = torch.arange(24.0).reshape(12, 2), torch.tensor([0] * 8 + [1] * 4)
    >>> features = BatchedFeatures(torch.nn.AvgPool1d(2), batch_size=5)
    >>> SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=2), features=features).n_synthetic
    4
    """

    def __init__(
        self,
        encoder: Callable[[Any], Any],
        *,
        batch_size: int = 256,
        device: torch.device | str | None = None,
        num_workers: int = 0,
        inputs: Callable[[Any], Any] | None = None,
        group: Any = None,
        progress: bool = True,
        seed: int = 0,
    ) -> None:
        for name, value in (("encoder", encoder), ("inputs", inputs)):
            if not callable(value) and (name == "encoder" or value is not None):
                raise TypeError(f"`{name}` must be callable, got {type(value).__name__}")
        if isinstance(encoder, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            encoder = encoder.module
        self.encoder = encoder
        self.batch_size = check_k(batch_size, "batch_size")
        self.device = None if device is None else resolve_device(device, torch.device("cpu"))
        self.num_workers = _check_workers(num_workers)
        self.inputs = inputs
        self.group = group
        self.progress = bool(progress)
        self.seed = check_seed(seed)

    @property
    def module(self) -> nn.Module | None:
        """The module that encodes; None for a function."""
        owner = getattr(self.encoder, "__self__", self.encoder)
        return owner if isinstance(owner, nn.Module) else None

    @property
    def source(self) -> Callable[[Any], Any]:
        """What the features depend on: the encoder, or the function of one item in its place."""
        return self.inputs if self.encoder is _as_they_are and self.inputs is not None else self.encoder

    def sharing(self, group: Any) -> BatchedFeatures:
        """The same for the processes of another group; None: for this process alone."""
        other = copy.copy(self)
        other.group = group
        return other

    def isolated(self) -> AbstractContextManager[None]:
        """A block in which global random numbers are those that items are read with; put back afterwards."""
        return own_randomness(self.seed, self.module)

    def check_module(self) -> nn.Module:
        """The module that encodes.

        Raises:
            TypeError: If the encoder is no module and no method of one.
        """
        if self.module is None:
            raise TypeError(
                "`embed` must be a module, or a method of one, to be copied for a run in the background, got "
                f"{type(self.source).__name__}; pass background=False"
            )
        return self.module

    def snapshot(self) -> BatchedFeatures:
        """The same with a copy of the module, which training does not move on.

        Raises:
            TypeError: If the encoder is no module and no method of one.
        """
        module = self.check_module()
        other = copy.copy(self)
        other.encoder = copy.deepcopy(self.encoder)
        if any(parameter.is_cuda for parameter in module.parameters()):
            torch.cuda.current_stream().synchronize()  # another thread's stream would not wait for the copy
        return other

    def embed(
        self, dataset: Any, position: int, rows: Tensor | None = None, stop: Event | None = None
    ) -> Tensor:
        """Features of some items.

        Args:
            dataset: A map-style dataset.
            position: Which leaf the encoder takes, where no ``inputs`` says so.
            rows: Numbers of the items, int64, shape (n,); None: all.
            stop: Given where this runs in a thread beside training: then global random numbers are left to
                training, nothing is shown, and the event is looked at after each batch.

        Returns:
            Shape (n, d), floating, on the CPU.

        Raises:
            Cancelled: If ``stop`` was set.
            TypeError: If the encoder does not return a floating tensor.
            ValueError: If it does not return as many rows as it was given, or items differ in shape.
        """
        chosen = torch.arange(len(dataset)) if rows is None else rows
        return computed_by_all(
            chosen.split(self.batch_size),
            lambda batches: self._run(Inputs(dataset, position, self.inputs), batches, stop),
            self.group,
        )

    def _run(self, inputs: Inputs, batches: Sequence[Tensor], stop: Event | None) -> Tensor:
        made: Tensor | None = None
        first = 0
        with self._surroundings(len(batches), shown=stop is None) as advance:
            # With a generator of its own: a loader else draws a seed for its workers from the global one.
            own = torch.Generator().manual_seed(self.seed % 2**63)
            order = [batch.tolist() for batch in batches]
            loader = DataLoader(
                inputs, batch_size=None, sampler=order, num_workers=self.num_workers, generator=own
            )
            for batch, rows in zip(loader, batches, strict=True):
                features = self._features(batch, len(rows))
                if made is None:
                    made = features.new_empty((sum(map(len, batches)), features.shape[1]))
                _check_width(features, made)
                made[first : first + len(rows)] = features
                first += len(rows)
                advance()
                if stop is not None and stop.is_set():
                    raise Cancelled
        return torch.empty((0, 0)) if made is None else made

    @contextmanager
    def _surroundings(self, steps: int, shown: bool) -> Iterator[Callable[[], None]]:
        """Nothing is left behind: see the class. What it yields is to be called after each batch."""
        module = self.module
        calm = torch.no_grad() if module is None else reading(module)
        apart = self.isolated() if shown else nullcontext()
        show = show_progress("reading features", steps, show=shown and self.progress)
        with apart, calm, show as advance:
            yield advance

    def _features(self, batch: Any, count: int) -> Tensor:
        module = self.module
        parameter = None if module is None else next(module.parameters(), None)
        home = torch.device("cpu") if parameter is None else parameter.device
        device = home if self.device is None else self.device
        moved = (leaf.to(device) if isinstance(leaf, Tensor) else leaf for leaf in leaves(batch))
        features = self.encoder(rebuild(batch, moved))
        if not isinstance(features, Tensor) or not features.is_floating_point():
            kind = features.dtype if isinstance(features, Tensor) else type(features).__name__
            raise TypeError(
                f"the encoder of `features` must return a floating tensor, one row an item, got {kind}; "
                "wrap it in a function that picks that tensor: BatchedFeatures(lambda batch: ...)"
            )
        if not features.dim() or len(features) != count:
            raise ValueError(
                f"the encoder of `features` must return one row for each of {count} items, got shape "
                f"{tuple(features.shape)}"
            )
        return features.detach().reshape(count, -1).cpu()


def _check_workers(num_workers: Any) -> int:
    if isinstance(num_workers, bool) or not hasattr(num_workers, "__index__"):
        raise TypeError(f"`num_workers` must be an int, got {num_workers!r}")
    if as_int(num_workers) < 0:
        raise ValueError(f"`num_workers` must be at least 0, got {num_workers}")
    return as_int(num_workers)


def _check_width(features: Tensor, made: Tensor) -> None:
    if features.shape[1] != made.shape[1]:
        raise ValueError(
            f"ragged features: the encoder of `features` returned {features.shape[1]} values an item, and "
            f"{made.shape[1]} before; it must return as many for each"
        )


def as_features(features: Any) -> BatchedFeatures:
    """How features are computed: by an encoder of batches, or a function of one item (None: of its leaf)."""
    if isinstance(features, BatchedFeatures):
        return features
    if isinstance(features, nn.Module):
        return BatchedFeatures(features)
    return BatchedFeatures(_as_they_are, inputs=features)


def _as_they_are(batch: Any) -> Any:
    return batch
