"""The two losses of a training step of DeepSMOTE: reconstruction, and the penalty of swapped codes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

__all__ = ["PENALTIES", "step_losses"]

PENALTIES = ("paper", "reference")


def step_losses(
    encoder: nn.Module, decoder: nn.Module, rows: Tensor, of_class: Tensor, penalty: str | None
) -> Tensor:
    r"""Reconstruction loss and penalty of one step.

    .. math:: R = mean_i |D(E(x_i)) - x_i|^2, \quad P = mean_i |D(E(c_{i+1})) - c_i|^2

    where x is the batch, c are rows of one class in random order, and i + 1 wraps around: each code is
    decoded and compared with another row of its class. With "reference" the target moves along with the
    code, so that P is the plain reconstruction loss of c, and no gradient of it reaches the encoder.

    Args:
        encoder: From rows to codes.
        decoder: From codes to rows.
        rows: The batch, shape (b, ...).
        of_class: Rows of one class, shape (m, ...); not looked at without a penalty.
        penalty: "paper", "reference" or None, which makes the penalty 0.

    Returns:
        R and P, shape (2,).
    """
    if penalty is None:
        return torch.stack((mse_loss(decoder(encoder(rows)), rows), rows.new_zeros(())))
    b = len(rows)
    codes = encoder(torch.cat((rows, of_class)))  # one pass: half as many calls as two
    others, target = codes[b:].roll(-1, 0), of_class
    if penalty == "reference":
        others, target = others.detach(), of_class.roll(-1, 0)
    decoded = decoder(torch.cat((codes[:b], others)))
    return torch.stack((mse_loss(decoded[:b], rows), mse_loss(decoded[b:], target)))
