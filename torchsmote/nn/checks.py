"""What the embedding door accepts: each rule raises before any work and names the argument and the value."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "check_bank",
    "check_batch",
    "check_class_counts",
    "check_detach",
    "check_numbers",
    "check_tensors",
    "check_weights",
    "every_count",
    "real",
    "to_classes",
    "whole",
]


def whole(value: int, name: str, least: int) -> int:
    """Return ``value``, or raise unless it is a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"`{name}` must be an int, got {type(value).__name__}")
    if value < least:
        raise ValueError(f"`{name}` must be at least {least}, got {value}")
    return int(value)


def real(value: Any, name: str, least: float, most: float | None = None, *, above: bool = False) -> float:
    """Return ``value`` as a float, or raise unless it is a finite number of at least ``least``.

    Args:
        value: The argument.
        name: Its name in the error.
        least: The smallest value.
        most: The largest value; None: any finite one.
        above: Whether ``least`` itself is refused.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"`{name}` must be a number, got {type(value).__name__}")
    number = float(value)
    low = number > least if above else number >= least
    if not (math.isfinite(number) and low and (most is None or number <= most)):
        rule = f"finite and {'above' if above else 'at least'} {least}"
        if most is not None:
            rule = f"in {'(' if above else '['}{least}, {most}]"
        raise ValueError(f"`{name}` must be {rule}, got {value}")
    return number


def check_detach(detach: Any) -> Any:
    """Return ``detach``, or raise unless it is a bool or names one of the two rows."""
    if not isinstance(detach, (bool, str)):
        raise TypeError(f'`detach` must be a bool, "base" or "neighbor", got {type(detach).__name__}')
    if isinstance(detach, str) and detach not in ("base", "neighbor"):
        raise ValueError(f'`detach` must be a bool, "base" or "neighbor", got {detach!r}')
    return detach


def check_tensors(**values: Any) -> None:
    """Raise unless each value is a tensor, or None where it was not given."""
    for name, value in values.items():
        if value is not None and not torch.is_tensor(value):
            raise TypeError(
                f"`{name}` must be a tensor, got {type(value).__name__}; make one where `h` is, as in "
                f"torch.tensor({name}, device=h.device)"
            )


def check_weights(values: Tensor, name: str, num_classes: int | None) -> None:
    """Raise unless ``values`` holds a finite number of at least 0 for each class; values on the CPU only."""
    if values.is_complex() or values.dtype == torch.bool:
        raise TypeError(f"`{name}` must hold numbers, got {values.dtype}")
    if values.dim() != 1 or values.numel() != (num_classes or values.numel()):
        rule = f"({num_classes or 'num_classes'},), one number a class"
        raise ValueError(f"`{name}` must have shape {rule}, got {tuple(values.shape)}")
    if torch.compiler.is_compiling() or values.device.type != "cpu":
        return
    wrong = (values < 0) | ~torch.isfinite(values)
    if bool(wrong.any()):
        at = int(wrong.int().argmax())
        raise ValueError(f"`{name}` must be finite and not negative, got {values[at].item()} for class {at}")


def check_class_counts(counts: Sequence[int] | Tensor | None, num_classes: int | None) -> Tensor | None:
    """The counts as int64 of shape (num_classes,), or raise; integers, so that ``.half()`` spares them."""
    if counts is None:
        return None
    index = getattr(counts, "index", None)  # a method of lists and tuples, the row names of a pandas Series
    if index is not None and not callable(index) and list(index) != list(range(len(index))):
        raise ValueError(
            f"`class_counts` must hold the counts in the order of the classes, but its index is "
            f"{reprlib.repr(list(index))}; give counts.reindex(range(num_classes), fill_value=0)"
        )
    try:
        values = torch.as_tensor(counts, device="cpu").detach()
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"`class_counts` must be a sequence of whole numbers, the rows of each of "
            f"{num_classes or 'the'} classes, got {reprlib.repr(counts)}; give one such as "
            "torch.bincount(y, minlength=num_classes)"
        ) from error
    check_weights(values, "class_counts", num_classes)
    if bool((values != values.round()).any()):
        at = int((values != values.round()).int().argmax())
        raise ValueError(
            f"`class_counts` must be whole numbers of rows, got {values[at].item()} for class {at}"
        )
    return values.to(torch.int64, copy=True)


def every_count(counts: Sequence[int] | Tensor, num_classes: int | None = None) -> Tensor:
    """As ``check_class_counts``, for a method that needs counts and at least one row of each class."""
    values = check_class_counts(counts, num_classes)
    if values is None:
        raise TypeError(
            "`class_counts` is needed: the rows of each class in the training set, such as "
            "torch.bincount(y, minlength=num_classes)"
        )
    if not values.numel():
        raise ValueError("`class_counts` must hold at least one class, got none")
    if bool((values == 0).any()):
        raise ValueError(
            f"`class_counts` must be at least 1 for every class, got 0 for class {int(values.argmin())} of "
            f"{values.numel()}; give the rows of each, as torch.bincount(y) has them, and leave a class "
            "without rows out of the task"
        )
    return values


def check_batch(h: Tensor, y: Tensor, num_classes: int | None) -> None:
    """Raise unless ``h`` and ``y`` are a batch of embeddings and their classes.

    Values are read on the CPU only, since on CUDA the host would have to wait for them. Under torch.compile
    only shapes and dtypes are checked.
    """
    for name, value in (("h", h), ("y", y)):
        if not torch.is_tensor(value):
            raise TypeError(
                f"`{name}` must be a tensor, got {type(value).__name__}; convert it with torch.as_tensor"
            )
    if not h.is_floating_point():
        raise TypeError(f"`h` must be floating point, got {h.dtype}; pass embeddings, not indices")
    if h.dim() < 2 or 0 in h.shape[1:]:
        raise ValueError(f"`h` must have shape (b, ...) with features, got {tuple(h.shape)}")
    _check_labels(y, "y", h.shape[0], h.device)
    if torch.compiler.is_compiling() or y.numel() == 0 or y.device.type != "cpu":
        return
    low, high = (int(value) for value in torch.aminmax(y))
    if low < 0 or (num_classes is not None and high >= num_classes):
        bounds = "not negative" if num_classes is None else f"in [0, {num_classes})"
        raise ValueError(
            f"`y` must be {bounds}, got {low if low < 0 else high}; number the classes from 0 to "
            "num_classes - 1"
        )


def to_classes(labels: Tensor) -> str:
    """What makes whole-number classes (b,) of labels in another form, for the end of an error message."""
    if labels.dim() == 2 and labels.shape[1] > 1:
        return "of one-hot rows take .argmax(1)"
    return "convert classes with " + (".squeeze(1).long()" if labels.dim() == 2 else ".long()")


def _check_labels(labels: Tensor, name: str, rows: int, device: torch.device) -> None:
    if labels.dtype != torch.int64:
        raise TypeError(f"`{name}` must be int64, got {labels.dtype}; {to_classes(labels)}")
    if labels.shape != (rows,):
        remedy = f"; {to_classes(labels)}" if labels.dim() == 2 else ""
        shape = tuple(labels.shape)
        raise ValueError(f"`{name}` must have shape ({rows},), one label a row, got {shape}{remedy}")
    if labels.device != device:
        raise ValueError(
            f"`{name}` must be on {device} like its rows, got {labels.device}; move it with "
            f".to({str(device)!r})"
        )


def check_numbers(
    h: Tensor, n_new: int, k: int, class_weights: Tensor | None, generator: torch.Generator | None
) -> None:
    """Raise unless the arguments of a draw from ``h`` fit it and each other."""
    whole(n_new, "n_new", 0)
    whole(k, "k", 1)
    if n_new and not h.shape[0]:
        raise ValueError(f"`h` has no rows to make n_new={n_new} from; leave empty batches out")
    if not isinstance(generator, torch.Generator | None):
        raise TypeError(
            f"`generator` must be a torch.Generator, got {type(generator).__name__}; make one as in "
            "torch.Generator(h.device).manual_seed(0)"
        )
    if generator is not None and generator.device.type != h.device.type:
        raise ValueError(f"`generator` must be on {h.device} like `h`, got {generator.device}")
    if class_weights is not None:
        check_weights(class_weights, "class_weights", None)
        if class_weights.device != h.device:
            raise ValueError(f"`class_weights` must be on {h.device} like `h`, got {class_weights.device}")


def check_bank(bank: Tensor, bank_labels: Tensor, h: Tensor, num_classes: int | None) -> None:
    """Raise unless the bank's rows are like those of ``h`` and its labels are classes or -1."""
    if bank.dim() != h.dim() or bank.shape[1:] != h.shape[1:]:
        raise ValueError(
            f"`bank` must have shape (r, {', '.join(map(str, h.shape[1:]))}), got {tuple(bank.shape)}"
        )
    if not bank.is_floating_point() or bank.device != h.device:
        raise ValueError(f"`bank` must be floating point on {h.device}, got {bank.dtype} on {bank.device}")
    _check_labels(bank_labels, "bank_labels", bank.shape[0], h.device)
    if torch.compiler.is_compiling() or not bank.shape[0] or bank.device.type != "cpu":
        return
    low, high = (int(value) for value in torch.aminmax(bank_labels))
    if low < -1 or (num_classes is not None and high >= num_classes):
        raise ValueError(
            f"`bank_labels` must be a class, or -1 for an empty row, got {low if low < -1 else high}"
        )
