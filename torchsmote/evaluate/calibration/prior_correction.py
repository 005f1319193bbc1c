"""PriorCorrection: from the share of classes that a model was trained on back to the true one."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .priors import Prior, read_prior, shares_of

__all__ = ["PriorCorrection"]

Probabilities = TypeVar("Probabilities", Tensor, NDArray[Any])
_ROUNDING = 0.02  # a row of bfloat16 probabilities can miss a sum of 1 by as much


class PriorCorrection(nn.Module):
    r"""Shift log-odds from the classes' shares in training to the true ones.

    A model trained on resampled rows is calibrated, if at all, for their shares. Where resampling left the
    distribution within each class as it was, Bayes' rule gives the logit of class c for the true shares,

    .. math:: z'_c = z_c + \log \frac{\pi_c}{\pi^{train}_c}

    and with a single logit the difference of log-odds,
    :math:`z' = z + \log\frac{\pi}{1 - \pi} - \log\frac{\pi^{train}}{1 - \pi^{train}}`. Random sampling
    leaves it. Synthetic rows are no draws from their class, so after SMOTE the correction removes only a part
    of the error: look at `torchsmote.evaluate.reliability_curve`, and where it is not enough fit an isotonic
    or Platt calibration on real validation rows.

    With two classes the order of rows stays as it is, and with it ROC-AUC, PR-AUC, and any decision by a
    threshold that is moved along.

    As the last layer of a network put it on after training: while training, the network would learn to undo
    the shift. It shifts in train and in eval mode alike.

    Args:
        train_prior: Share of the positive class among the rows trained on, after resampling; or the share of
            each class in sorted order, shape (C,), summing to 1; of a pandas series, such as
            ``y.value_counts(normalize=True)``, in the order of its sorted index.
        true_prior: The same for the rows that will be predicted.

    Shapes: logits are (b,), (b, 1) or (b, 2) for two classes, whose second is the positive one; (b, C) in
    general. Priors are float32 buffers, shape (C,): they move with the module, and a ``state_dict`` has them.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If a share is not between 0 and 1, they do not sum to 1, or their numbers differ.

    Reference:
        Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori
        probabilities", Neural Computation 14, 2002; Dal Pozzolo, Caelen, Johnson and Bontempi, "Calibrating
        probability with undersampling for unbalanced classification", CIDM 2015.

    >>> correction = PriorCorrection(train_prior=0.5, true_prior=0.01)
    >>> correction.transform(torch.tensor([0.5, 0.9]))
    tensor([0.0100, 0.0833])
    >>> torch.sigmoid(correction(torch.tensor([0.0])))  # a logit of 0 is a probability of 0.5
    tensor([0.0100])
    """

    train_prior: Tensor
    true_prior: Tensor

    def __init__(self, train_prior: Prior, true_prior: Prior) -> None:
        super().__init__()
        train, true = read_prior(train_prior, "train_prior"), read_prior(true_prior, "true_prior")
        if len(train) != len(true):
            raise ValueError(
                "`train_prior` and `true_prior` must be of the same classes, got "
                f"{len(train)} and {len(true)}"
            )
        self.register_buffer("train_prior", train)
        self.register_buffer("true_prior", true)

    @classmethod
    def from_labels(cls, y_train: Any, y_true: Any) -> PriorCorrection:
        """The correction for labels as trained on, after resampling, and as they are.

        Args:
            y_train: Labels that ``fit_resample`` returned, shape (n,).
            y_true: Labels before, or of rows like those that will be predicted, shape (m,). Classes are
                in sorted order.

        Raises:
            ValueError: If the two do not have the same classes, at least two.

        >>> PriorCorrection.from_labels(["a", "b", "a", "b"], ["a", "b", "a", "a"])
        PriorCorrection(train_prior=[0.5, 0.5], true_prior=[0.75, 0.25])
        """
        return cls(*shares_of(y_train, y_true))

    def forward(self, logits: Tensor) -> Tensor:
        """The shifted logits, in the shape, dtype and device of those given; gradients flow through.

        Args:
            logits: Floating point, shape (b,), (b, 1) or (b, C); see the class.

        Raises:
            TypeError: If they are no floating tensor.
            ValueError: If shape or device do not fit.
        """
        if not isinstance(logits, Tensor) or not logits.is_floating_point():
            kind = logits.dtype if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
            raise TypeError(f"`logits` must be a floating tensor, got {kind}; of probabilities use transform")
        if logits.device != self.train_prior.device:
            raise ValueError(
                f"`logits` are on {logits.device}, but the priors on {self.train_prior.device}; move the "
                f"module with .to({str(logits.device)!r})"
            )
        single = self._is_single(tuple(logits.shape), "logits")
        wide = torch.promote_types(logits.dtype, torch.float32)
        shift = self.true_prior.to(wide).log() - self.train_prior.to(wide).log()
        shift = shift[1] - shift[0] if single else shift
        return (logits.to(wide) + shift).to(logits.dtype)

    def transform(self, probabilities: Probabilities) -> Probabilities:
        r"""The corrected probabilities, in the container, shape, dtype and device of those given.

        .. math:: p'_c = \frac{p_c \, \pi_c / \pi^{train}_c}{\sum_j p_j \, \pi_j / \pi^{train}_j}

        Args:
            probabilities: Tensor or array, floating point: of the positive class, shape (n,) or (n, 1), or of
                each class, shape (n, C), rows sum to 1. Values are checked on the CPU only. Gradients flow
                through tensors.

        Raises:
            TypeError: If they are no floating tensor or array.
            ValueError: If the shape does not fit, or a value is no probability.
        """
        if isinstance(probabilities, Tensor):
            return self._transform(probabilities)
        if not isinstance(probabilities, np.ndarray):
            raise TypeError(
                f"`probabilities` must be a tensor or an array, got a {type(probabilities).__name__}; "
                "convert them with numpy.asarray"
            )
        if probabilities.dtype.kind != "f" or probabilities.itemsize > 8:
            raise TypeError(
                f"`probabilities` must be floating point, at most float64, got {probabilities.dtype}"
            )
        native = probabilities.astype(probabilities.dtype.newbyteorder("="))  # a copy that torch can read
        corrected = self._transform(torch.from_numpy(native)).numpy()
        return corrected.astype(probabilities.dtype, copy=False)

    def _transform(self, p: Tensor) -> Tensor:
        if not p.is_floating_point():
            raise TypeError(f"`probabilities` must be floating point, got {p.dtype}")
        single = self._is_single(tuple(p.shape), "probabilities")
        if p.device.type == "cpu" and not torch.compiler.is_compiling():
            _check_values(p.detach(), single)
        wide = torch.promote_types(p.dtype, torch.float32)
        ratio = self.true_prior.to(p.device, wide) / self.train_prior.to(p.device, wide)
        each = p.to(wide)
        if single:
            each = torch.stack((1 - each, each), -1)
        weighted = each * ratio
        corrected = weighted / weighted.sum(-1, keepdim=True)
        return (corrected[..., 1] if single else corrected).to(p.dtype)

    def _is_single(self, shape: tuple[int, ...], name: str) -> bool:
        """Whether there is one number a row, of the positive class; raise where the shape does not fit."""
        count = len(self.train_prior)
        if count == 2 and (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)):
            return True
        if len(shape) != 2 or shape[1] != count:
            rule = "(b,), (b, 1) or (b, 2)" if count == 2 else f"(b, {count})"
            raise ValueError(f"`{name}` must have shape {rule}, got {shape}")
        return False

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        train, true = (
            [float(f"{share:.6g}") for share in prior.tolist()]
            for prior in (self.train_prior, self.true_prior)
        )
        return f"train_prior={train}, true_prior={true}"


def _check_values(p: Tensor, single: bool) -> None:
    wrong = ~((p >= 0) & (p <= 1))
    if not single:
        wrong = wrong.any(1) | ((p.float().sum(1) - 1).abs() > _ROUNDING)
    if bool(wrong.any()):
        row = int(wrong.flatten().int().argmax())
        rule = "between 0 and 1" if single else "between 0 and 1 and sum to 1 in each row"
        raise ValueError(
            f"`probabilities` must be {rule}, but row {row} has {p[row].tolist()}; for logits call the module"
        )
