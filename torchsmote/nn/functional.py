"""SMOTE of one batch as a function: the caller holds all state."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import synthesize
from ..variants import VARIANTS
from .batch import BatchMethod, draw_in_batch, lacking
from .checks import check_bank, check_batch, check_numbers, check_tensors
from .pool import class_counts

__all__ = ["smote"]


def smote(
    h: Tensor,
    y: Tensor,
    n_new: int,
    *,
    k: int = 5,
    class_weights: Tensor | None = None,
    bank: Tensor | None = None,
    bank_labels: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Append SMOTE rows to a batch: ``h[base] + step * (h[neighbor] - h[base])``, with a step from U[0, 1).

    The class of a synthetic row is drawn in proportion to ``class_weights``, its base uniformly among the
    rows of that class, its neighbour uniformly among the base's k nearest of the same class; a class with
    fewer other rows uses those it has, and a single row is repeated. Where no class that is present has a
    weight, bases are drawn uniformly. Gradients flow to base and neighbour. Searching takes
    ``4 * n_new * (b + len(bank))`` bytes.

    Args:
        h: Embeddings, floating point, shape (b, ...); neighbours are searched on the flattened rows.
        y: Classes, int64, shape (b,), not negative.
        n_new: Rows to make.
        k: Neighbours, at least 1.
        class_weights: Shares of the classes among the synthetic rows, up to a factor, shape (num_classes,).
            None: what each class lacks of the largest in batch and bank.
        bank: Further rows to start from and to go to, shape (r, ...); they get no gradient.
        bank_labels: Their classes, int64, shape (r,); -1 marks an empty row.
        generator: Source of the random numbers, on the device of ``h``. None: torch's global generator is
            read, as torch's own random functions do.

    Returns:
        Rows (b + n_new, ...) and classes (b + n_new,); the b real ones first, untouched.

    Raises:
        TypeError: If rows, labels or weights are no tensors, ``h`` is not floating point, or labels are not
            int64.
        ValueError: If shapes, devices, labels or numbers do not fit.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 2002.

    >>> h = torch.tensor([[0.0], [1.0], [2.0], [10.0], [12.0]])
    >>> y = torch.tensor([0, 0, 0, 1, 1])
    >>> h2, y2 = smote(h, y, 1, generator=torch.Generator().manual_seed(0))
    >>> y2, bool(10 <= h2[5, 0] <= 12)
    (tensor([0, 0, 0, 1, 1, 1]), True)
    """
    check_tensors(class_weights=class_weights, bank=bank, bank_labels=bank_labels)
    num_classes = None if class_weights is None else class_weights.numel()
    check_batch(h, y, num_classes)
    check_numbers(h, n_new, k, class_weights, generator)
    labels = y
    if (bank is None) != (bank_labels is None):
        raise ValueError("`bank` and `bank_labels` must be given together")
    if n_new == 0:
        return h, y
    pool = h
    if bank is not None and bank_labels is not None:
        check_bank(bank, bank_labels, h, num_classes)
        pool = torch.cat((h, bank.detach().to(h.dtype)))
        labels = torch.cat((y, bank_labels))
    codes = labels
    if class_weights is None:
        codes = _codes(labels)
        class_weights = lacking(class_counts(codes, codes.shape[0]))
    words = torch.randint(2**32, (4, n_new), generator=generator, device=h.device)
    draws = draw_in_batch(pool, codes, class_weights, words, BatchMethod(VARIANTS["smote"], k, k))
    new = labels.index_select(0, draws.base)
    return torch.cat((h, synthesize(pool, draws))), torch.cat((y, new))


def _codes(labels: Tensor) -> Tensor:
    """A code below len(labels) for each label, equal where labels are, found without reading the largest."""
    return torch.where(labels >= 0, torch.searchsorted(labels.sort().values, labels), -1)
