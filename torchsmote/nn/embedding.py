"""SMOTE as a layer: synthetic embeddings beside the real ones, drawn anew in every training step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..random import check_seed
from .bank import FeatureBank
from .batch import batch_method, draw_in_batch, lacking
from .checks import check_batch, check_class_counts, check_detach, whole
from .masked import check_mask
from .pool import class_counts
from .ranks import rank
from .rows import Detach, make_rows
from .schedule import Ratio, ratio_at
from .soft_labels import as_shares, mixed_shares
from .state import StepLayer
from .watch import faults_of, finite_at_once, raise_faults
from .words import step_words

__all__ = ["EmbeddingSMOTE"]

Batch = tuple[Tensor, Tensor | None] | tuple[Tensor, Tensor | None, Tensor]


class EmbeddingSMOTE(StepLayer):
    """Append synthetic embeddings to each training batch: ``h[base] + step * (h[neighbor] - h[base])``.

    In training mode ``forward(h, y)`` returns ``round(ratio * b)`` further rows, real rows first; in eval
    mode, and before epoch ``start_epoch``, it returns the objects it was given. The class of a synthetic
    row is drawn in proportion to what the class lacks, its base and neighbour come from batch and bank, and
    gradients flow to both unless ``detach``. A class with fewer than k other rows uses those it has, a single
    row is repeated, a class without a row is left out; where nothing lacks, or every weight is 0, bases are
    drawn uniformly from what is there; a base without a row to go to (an enemy, say) is repeated. So shapes
    are static, and no legal batch stops the training.

    The numbers are a pure function of (seed, step, rank in torch.distributed, row). All that ``forward``
    remembers is in buffers, so a run resumed from a ``state_dict`` continues the same stream. Searching takes
    ``4 * n * (b + bank)`` bytes, ``4 * (b + bank)**2`` more where the method weighs rows by their enemies,
    ``8 * n * (b + bank)`` more where steps depend on safe levels; a method that mixes all k neighbours
    gathers ``n * k`` rows, and GeometricSMOTE draws ``n * d`` normals. For gradient checkpointing see
    ``checkpoint_contexts``, for CUDA graphs ``in_place``, for distributed training docs/embeddings.md.

    Args:
        num_classes: Number of classes, at least 1.
        resampler: The over-sampler whose variant and numbers of neighbours are used (how many rows to make is
            ruled here, so it has no ``sampling_strategy``; its ``random_state`` is not used); None: SMOTE
            with 5 neighbours.
        ratio: Synthetic rows per real row, at least 0; or a function of the epoch, as told by ``set_epoch``.
        class_counts: Rows of each class in the training set, from which what a class lacks is told. None:
            from the rows of batch and bank.
        bank_size: Rows of earlier batches that are kept, in all, split evenly over the classes; 0: none.
        detach: Through which row a synthetic row passes no gradient: "base", "neighbor", or True: neither.
        soft_labels: Whether labels are (num_classes,) shares, mixed by the same step as the rows. A row that
            GeometricSMOTE puts on the far side of its base has the base's class alone.
        start_epoch: Epoch, as told by ``set_epoch``, from which rows are made.
        seed: Key of the random numbers, in [0, 2**64).
        debug: Whether to refuse NaN, inf, and labels out of range: on the CPU at once, elsewhere and in a
            compiled step by a count on the device, which ``check`` and ``set_epoch`` read.
        gather_bank: Whether the bank is given the rows of all ranks; see ``gather`` of `FeatureBank`.

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
    faults: Tensor
    class_counts: Tensor | None
    _also_state = ("_ratio", "_started")

    def __init__(
        self,
        num_classes: int,
        resampler: Any = None,
        *,
        ratio: Ratio = 1.0,
        class_counts: Sequence[int] | Tensor | None = None,
        bank_size: int = 0,
        detach: Detach = False,
        soft_labels: bool = False,
        start_epoch: int = 0,
        seed: int = 0,
        debug: bool = False,
        gather_bank: bool = False,
    ) -> None:
        super().__init__()
        self.num_classes = whole(num_classes, "num_classes", 1)
        self.resampler = resampler
        self.method = batch_method(resampler)
        self.ratio = ratio
        self.detach: Detach = check_detach(detach)
        self.soft_labels, self.debug = bool(soft_labels), bool(debug)
        self.start_epoch = whole(start_epoch, "start_epoch", 0)
        self.seed = check_seed(seed)
        self.bank_size = whole(bank_size, "bank_size", 0)
        if gather_bank and not bank_size:
            raise ValueError("`gather_bank` needs a bank to gather for; give `bank_size` too")
        self.bank = FeatureBank(num_classes, bank_size, gather=gather_bank) if bank_size else None
        self.register_buffer("counter", torch.zeros((), dtype=torch.int64))
        self.register_buffer("epoch", torch.zeros((), dtype=torch.int64))
        self.register_buffer("drawn_counts", torch.zeros(num_classes, dtype=torch.int64))
        self.register_buffer("faults", torch.zeros(2, dtype=torch.int64), persistent=False)
        self.register_buffer("class_counts", check_class_counts(class_counts, num_classes), persistent=False)
        self._begin(0)

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch begins, from 0: it rules ``ratio`` and ``start_epoch``. Calls ``check`` first.

        Raises:
            ValueError: If ``epoch`` or the ratio is out of range, or ``debug`` found something.
        """
        self.check()
        self._begin(whole(epoch, "epoch", 0))
        self.epoch = torch.full_like(self.epoch, epoch)

    def _begin(self, epoch: int) -> None:
        # Not the epoch itself: a compiled step is compiled again when an attribute's value changes. Whole
        # numbers, since it would trace another float as a variable, on which the shapes of all rows depend.
        self._ratio = ratio_at(self.ratio, epoch).as_integer_ratio()
        self._started = epoch >= self.start_epoch

    def check(self) -> None:
        """Read what ``debug`` counted since the last call, and forget it; the host waits for the device.

        Raises:
            ValueError: If rows had NaN or inf, or labels were out of range.
        """
        if self.debug:
            faults = self.faults.clone()
            self.faults.zero_()  # in place, since a CUDA graph goes on counting where it did
            raise_faults(faults, self.num_classes)

    def forward(self, h: Tensor, y: Tensor | None = None, mask: Tensor | None = None) -> Batch:
        """Append synthetic rows to a batch.

        With a mask, a synthetic row has the valid steps of its base: it is interpolated where the neighbour's
        step is valid too, and has the base's value elsewhere. An invalid step counts as the mean of that step
        in the search, and has no influence on any other value.

        Args:
            h: Embeddings, floating point, shape (b, ...).
            y: Classes, int64, shape (b,), each in [0, num_classes); may be None in eval mode.
            mask: Valid steps of sequences (b, t, ...), bool, shape (b, t); not with a bank.

        Returns:
            Rows (b + n, ...) and classes (b + n,), or shares (b + n, num_classes) with ``soft_labels``; and
            the mask (b + n, t), where one was given.

        Raises:
            TypeError: If ``h`` is not floating point, ``y`` not int64 or ``mask`` not bool.
            ValueError: If shapes do not fit, or a label is out of range (elsewhere than on the CPU: `check`).
        """
        given: Batch = (h, y) if mask is None else (h, y, mask)
        if not self.training:
            return given
        if y is None:
            raise TypeError(
                "`y` is needed in training mode: pass it through the model's forward, as in model(x, y); in "
                "eval mode the layer does without"
            )
        known = self._checked(h, y, mask)
        if not self._started:
            return given
        n_new = round(self._ratio[0] / self._ratio[1] * h.shape[0])
        wide = torch.promote_types(h.dtype, torch.float32)
        target = as_shares(known, self.num_classes).to(wide) if self.soft_labels else y
        if n_new == 0:  # as in a short last batch: labels keep their form, and the bank gets its rows
            self._remember(h, known, y[:0])
            return (h, target) if mask is None else (h, target, mask)
        pool, labels = self._pool(h, known)
        blocks = self.method.blocks + self.method.more_blocks(h[0].numel())
        words = step_words(n_new, blocks, self.seed, self.counter, h.device, rank())
        draws = draw_in_batch(pool, labels, self._lacking(labels), words, self.method, mask)
        new = make_rows(pool, draws, words, self.method, self.detach, mask)
        made = draws.labels
        if self.soft_labels:
            made = mixed_shares(labels, draws, self.num_classes, wide)
        self._remember(h, known, draws.labels)
        rows, target = torch.cat((h, new.reshape(n_new, *h.shape[1:]))), torch.cat((target, made))
        return (rows, target) if mask is None else (rows, target, torch.cat((mask, mask[draws.base])))

    def _checked(self, h: Tensor, y: Tensor, mask: Tensor | None) -> Tensor:
        """The labels to draw by, all in range, or raise; ``debug`` counts what cannot be read yet."""
        check_batch(h, y, self.num_classes)
        if mask is not None:
            check_mask(mask, h, banked=self.bank is not None)
        if not self.debug or finite_at_once(h, mask):
            return y
        self.faults = self.faults + faults_of(h, y, self.num_classes, mask)
        return y.clamp(0, self.num_classes - 1)  # so that the device lives to tell

    def _pool(self, h: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Rows to draw from, and their classes: the batch, then the bank."""
        if self.bank is None:
            return h, y
        pool = h.flatten(1)
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
        self._begin(int(self.epoch))

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        shown = {
            "num_classes": self.num_classes,
            "resampler": self.resampler if self.resampler is not None else "SMOTE()",
            "ratio": getattr(self.ratio, "__name__", self.ratio),
        }
        for name in ("bank_size", "detach", "soft_labels", "start_epoch", "seed"):
            shown[name] = getattr(self, name)
        return ", ".join(f"{name}={value}" for name, value in shown.items())
