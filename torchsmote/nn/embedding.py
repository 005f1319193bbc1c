"""SMOTE as a layer: synthetic embeddings beside the real ones, drawn anew in every training step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..draws import synthesize
from ..random import check_seed
from .bank import FeatureBank
from .batch import batch_method, draw_in_batch, lacking
from .checks import check_batch, check_class_counts, check_ratio, whole
from .pool import class_counts
from .words import step_words

__all__ = ["EmbeddingSMOTE"]


class EmbeddingSMOTE(nn.Module):
    """Append synthetic embeddings to each training batch: ``h[base] + step * (h[neighbor] - h[base])``.

    In training mode ``forward(h, y)`` returns ``round(ratio * b)`` further rows, real rows first; in eval
    mode, and before epoch ``start_epoch``, it returns the two objects it was given. The class of a synthetic
    row is drawn in proportion to what the class lacks, its base and neighbour come from batch and bank, and
    gradients flow to both unless ``detach``. A class with fewer than k other rows uses those it has, a single
    row is repeated, a class without a row is left out; where nothing lacks, or every weight is 0, bases are
    drawn uniformly from what is there; a base without a row to go to (an enemy, say) is repeated. So shapes
    are static, and no legal batch stops the training.

    The numbers are a pure function of (seed, step, row). All that ``forward`` remembers is in buffers, so a
    run resumed from a ``state_dict`` continues the same stream. Searching takes ``4 * n * (b + bank)`` bytes,
    ``4 * (b + bank)**2`` more where the method weighs rows by their enemies, ``8 * n * (b + bank)`` more
    where steps depend on safe levels; a method that mixes all k neighbours gathers ``n * k`` rows. Keep the
    layer out of ``torch.utils.checkpoint``: a forward that is run again is a further step, with draws of its
    own.

    Args:
        num_classes: Number of classes, at least 1.
        resampler: The over-sampler whose variant and numbers of neighbours are used (how many rows to make,
            and its ``random_state``, are ruled here); None: SMOTE with 5 neighbours.
        ratio: Synthetic rows per real row, at least 0.
        class_counts: Rows of each class in the training set, from which what a class lacks is told. None:
            from the rows of batch and bank.
        bank_size: Rows of earlier batches that are kept, in all, split evenly over the classes; 0: none.
        detach: Whether synthetic rows pass no gradient.
        soft_labels: Whether labels are (num_classes,) shares, mixed by the same step as the rows.
        start_epoch: Epoch, as told by ``set_epoch``, from which rows are made.
        seed: Key of the random numbers, in [0, 2**64).
        debug: Whether to check label values on CUDA too, and refuse NaN; then the host waits for the device.

    Attributes:
        drawn_counts: Synthetic rows made so far of each class, int64, shape (num_classes,).

    Raises:
        TypeError: If an argument has the wrong type, or the resampler cannot run in a batch.
        ValueError: If an argument is out of range.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 2002.

    >>> layer = EmbeddingSMOTE(num_classes=2, seed=0)
    >>> h = torch.tensor([[0.0], [1.0], [2.0], [10.0], [12.0]])
    >>> h2, y2 = layer(h, torch.tensor([0, 0, 0, 1, 1]))
    >>> h2.shape, y2[5:]
    (torch.Size([10, 1]), tensor([1, 1, 1, 1, 1]))
    """

    counter: Tensor
    epoch: Tensor
    drawn_counts: Tensor
    class_counts: Tensor | None

    def __init__(
        self,
        num_classes: int,
        resampler: Any = None,
        *,
        ratio: float = 1.0,
        class_counts: Sequence[int] | Tensor | None = None,
        bank_size: int = 0,
        detach: bool = False,
        soft_labels: bool = False,
        start_epoch: int = 0,
        seed: int = 0,
        debug: bool = False,
    ) -> None:
        super().__init__()
        self.num_classes = whole(num_classes, "num_classes", 1)
        self.resampler = resampler
        self.method = batch_method(resampler)
        self.ratio = check_ratio(ratio)
        self.detach, self.soft_labels, self.debug = bool(detach), bool(soft_labels), bool(debug)
        self.start_epoch = whole(start_epoch, "start_epoch", 0)
        self.seed = check_seed(seed)
        self.bank_size = whole(bank_size, "bank_size", 0)
        self.bank = FeatureBank(num_classes, bank_size) if bank_size else None
        self.register_buffer("counter", torch.zeros((), dtype=torch.int64))
        self.register_buffer("epoch", torch.zeros((), dtype=torch.int64))
        self.register_buffer("drawn_counts", torch.zeros(num_classes, dtype=torch.int64))
        self.register_buffer("class_counts", check_class_counts(class_counts, num_classes), persistent=False)
        self._started = self.start_epoch == 0

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins; ``start_epoch`` is compared with it.

        Args:
            epoch: Number of the epoch, from 0.
        """
        self.epoch = torch.full_like(self.epoch, whole(epoch, "epoch", 0))
        # A bool, not the epoch: a compiled step is compiled again when the value of an attribute changes.
        self._started = epoch >= self.start_epoch

    def forward(self, h: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Append synthetic rows to a batch.

        Args:
            h: Embeddings, floating point, shape (b, ...).
            y: Classes, int64, shape (b,), each in [0, num_classes); may be None in eval mode.

        Returns:
            Rows (b + n, ...) and classes (b + n,), or shares (b + n, num_classes) with ``soft_labels``.

        Raises:
            TypeError: If ``h`` is not floating point or ``y`` not int64.
            ValueError: If shapes do not fit or a label is out of range (on CUDA only with ``debug``).
        """
        if not self.training:
            return h, y
        if y is None:
            raise TypeError("`y` is needed in training mode; call .eval() on the module to do without")
        check_batch(h, y, self.num_classes, debug=self.debug)
        if not self._started:
            return h, y
        n_new = round(self.ratio * h.shape[0])
        if n_new == 0:  # as in a short last batch: labels keep their form, and the bank gets its rows
            self._remember(h, y, y[:0])
            return h, self._shares(y, h.dtype) if self.soft_labels else y
        pool, labels = self._pool(h, y)
        words = step_words(n_new, self.method.blocks, self.seed, self.counter, h.device)
        draws = draw_in_batch(pool, labels, self._lacking(labels), words, self.method)
        new = synthesize(pool, draws).reshape(n_new, *h.shape[1:])
        if self.soft_labels:
            shares = self._shares(labels, h.dtype)
            target = torch.cat((shares[: h.shape[0]], synthesize(shares, draws)))
        else:
            target = torch.cat((y, draws.labels))
        self._remember(h, y, draws.labels)
        return torch.cat((h, new)), target

    def _shares(self, labels: Tensor, dtype: torch.dtype) -> Tensor:
        """One-hot rows, at least float32; a label of -1 gives zeros."""
        classes = torch.arange(self.num_classes, device=labels.device)
        return (labels.unsqueeze(1) == classes).to(torch.promote_types(dtype, torch.float32))

    def _pool(self, h: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Rows to draw from, and their classes: the batch, then the bank."""
        pool = h.detach() if self.detach else h
        if self.bank is None:
            return pool, y
        pool = pool.flatten(1)
        self.bank.prepare(pool)
        return torch.cat((pool, self.bank.features.to(h.dtype))), torch.cat((y, self.bank.labels))

    def _lacking(self, labels: Tensor) -> Tensor:
        if self.class_counts is not None:
            return self.class_counts.amax() - self.class_counts
        return lacking(class_counts(labels, self.num_classes))

    def _remember(self, h: Tensor, y: Tensor, labels: Tensor) -> None:
        # New tensors, never in place: a compiled backward pass may compute the draws again from the counter.
        self.counter = self.counter + 1
        self.drawn_counts = self.drawn_counts.index_add(0, labels, torch.ones_like(labels))
        if self.bank is not None:
            self.bank.push(h.flatten(1), y)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        super()._load_from_state_dict(state_dict, prefix, *args)
        self._started = int(self.epoch) >= self.start_epoch

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        shown = {
            "num_classes": self.num_classes,
            "resampler": self.resampler if self.resampler is not None else self.method.variant.name,
            "ratio": self.ratio,
            "bank_size": self.bank_size,
            "detach": self.detach,
            "soft_labels": self.soft_labels,
            "start_epoch": self.start_epoch,
            "seed": self.seed,
        }
        return ", ".join(f"{name}={value}" for name, value in shown.items())
