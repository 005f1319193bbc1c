"""How far a float32 value can be from the truth: the error bounds that make low precision a proof.

Standard rounding-error analysis: a sum of m products with unit roundoff u is off by at most gamma_m times the
sum of their absolute values, gamma_m = m u / (1 - m u), in any order of summation (Higham, "Accuracy and
Stability of Numerical Algorithms", 2002, section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = [
    "FLOAT32",
    "FLOAT64",
    "Precision",
    "is_proven",
    "lower_from_difference",
    "whole_products_are_exact",
]

FLOAT32 = 2.0**-24
FLOAT64 = 2.0**-53
# Unit roundoff of what a matrix product makes of float32 input: the caller's global setting decides.
_INPUT_ROUNDOFF = {"highest": FLOAT32, "high": 2.0**-11, "medium": 2.0**-8}
_UNDERFLOW = 2.0**-120  # what products below the normal range can add up to, with room to spare


@dataclass(frozen=True)
class Precision:
    """The error of the score |r|^2 - 2 q.r relative to |r|^2 + 2 |q||r|.

    That sum is at most 2 |r|^2 + |q|^2. So lowering |r|^2 by 2 ``relative`` before the product, and the
    result by ``relative`` |q|^2 after it, gives a lower bound for each row by its own norm, and a far outlier
    does not loosen the bound of the others.

    Attributes:
        relative: The error.
        keeps_input: Whether products take float32 input as it is.
    """

    relative: float
    keeps_input: bool = True

    @classmethod
    def of_products(cls, d: int, device: torch.device, roundoff: float = FLOAT32) -> Precision:
        """The error of products of width d: input rounding, d + 1 sums, and the rounding of |r|^2."""
        terms = (d + 10) * roundoff
        inputs = 3.0 * _INPUT_ROUNDOFF[torch.get_float32_matmul_precision()] if roundoff == FLOAT32 else 0.0
        keeps_input = torch.get_float32_matmul_precision() == "highest"
        return cls(1.05 * (terms + inputs) / (1.0 - min(0.5, terms)), keeps_input)

    def lower_from_score(self, score: Tensor, squared_norm: Tensor) -> Tensor:
        """A lower bound of the squared distance from a lowered score and |q|^2, both float64."""
        return score + squared_norm * (1.0 - 3.0 * self.relative) - _UNDERFLOW


def lower_from_difference(squared: Tensor, norm: Tensor, d: int) -> Tensor:
    """A lower bound of the true squared distance, given that the float32 one is at least ``squared``.

    Both rows carry a rounding of relative size u: the difference vector is off by at most u (|q| + |r|), and
    |r| <= |q| + distance.
    """
    distance = (squared * (1.0 - 1.05 * (d + 4) * FLOAT32)).clamp_min(0.0).sqrt()
    lower = (distance - 1.05 * FLOAT32 * (2.0 * norm + distance)).clamp_min(0.0)
    return (lower.square() - _UNDERFLOW).where(squared < torch.inf, torch.inf)


def whole_products_are_exact(d: int, peak: float) -> bool:
    """Whether products and differences of whole numbers up to ``peak`` have no rounding at all in float32."""
    fits_input = peak * _INPUT_ROUNDOFF[torch.get_float32_matmul_precision()] <= 1.0
    return fits_input and 4.0 * d * peak * peak < 2.0**24


def is_proven(kth: Tensor, bound: Tensor, d: int) -> Tensor:
    """Whether the k-th exact squared distance is below the bound of all rows that are not candidates.

    Strictly: a row outside that ties would have to win by its index. The float64 sum has errors of its own.
    """
    return (kth * (1.0 + 4.0 * (d + 4) * FLOAT64) < bound) | (bound == torch.inf)
