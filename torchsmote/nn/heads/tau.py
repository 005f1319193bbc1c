"""The tau-normalized classifier: class weights scaled by a power of their length, without training."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from ..checks import real
from .find import check_linear, find_head

__all__ = ["normalize_weights", "tau_normalize"]

AnyModule = TypeVar("AnyModule", bound=nn.Module)


def tau_normalize(module: AnyModule, tau: float = 1.0) -> AnyModule:
    r"""Scale the weight vector of each class by a power of its length, in place.

    .. math:: \tilde w_c = w_c / \lVert w_c \rVert_2^{\tau}

    On imbalanced data the vectors of frequent classes grow longest, which draws decisions to these. With
    tau 0 the weights stay as they are, with 1 all are of length 1; the paper chooses it in (0, 1) on
    validation rows. As in the paper the classifier has no bias afterwards: a bias is set to 0. A vector of
    zeros stays.

    Args:
        module: A `torch.nn.Linear`; or a model, of which the last `torch.nn.Linear` in module order is taken.
        tau: Power, finite and at least 0.

    Returns:
        The module itself.

    Raises:
        TypeError: If an argument is of another type.
        ValueError: If there is no Linear, its weight is shared with another module or computed by a
            parametrization, or ``tau`` is out of range.

    Reference:
        Kang, Xie, Rohrbach, Yan, Gordo, Feng and Kalantidis, "Decoupling representation and classifier for
        long-tailed recognition", ICLR 2020, arXiv 1910.09217, section 4.

    >>> head = nn.utils.skip_init(nn.Linear, 2, 2)
    >>> _ = head.load_state_dict({"weight": torch.tensor([[3.0, 4.0], [0.0, 0.5]]), "bias": torch.ones(2)})
    >>> tau_normalize(head).weight.tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 1.0]]
    """
    tau = real(tau, "tau", 0)
    if not isinstance(module, nn.Module):
        raise TypeError(f"`module` must be a torch.nn.Module, got {type(module).__name__}")
    if not any(isinstance(part, nn.Linear) for part in module.modules()):
        raise ValueError(f"`module` ({type(module).__name__}) has no torch.nn.Linear to normalize")
    linear = check_linear(find_head(module), "tau_normalize")
    with torch.no_grad():
        normalize_weights(linear, tau)
    return module


def normalize_weights(linear: nn.Linear, tau: float) -> None:
    """Do it to a Linear, without gradients."""
    weight = linear.weight.to(torch.promote_types(linear.weight.dtype, torch.float32))
    length = torch.linalg.vector_norm(weight, dim=1, keepdim=True)
    linear.weight.copy_(weight / torch.where(length > 0, length, 1).pow(tau))
    if linear.bias is not None:
        linear.bias.zero_()
