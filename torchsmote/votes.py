"""The value that most neighbours have, for columns that hold categories; ties are left to a random number."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["vote", "winners"]

_CHUNK = 1 << 22  # comparisons at a time: 4 MiB of bools
_ABSENT = torch.iinfo(torch.int64).max


def winners(voters: Tensor, there: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The values of each row in ascending order, and which of them are the most frequent.

    Needs ``n * k * k`` comparisons, and memory for a few million of them, whatever the number of categories.

    Args:
        voters: Category codes, int64, shape (n, k).
        there: Which of them vote, bool, shape (n, k), at least one a row; None: all.

    Returns:
        The sorted values, int64, shape (n, k); and which of them win, bool, shape (n, k), each winning value
        marked once, at its first place.

    >>> values, wins = winners(torch.tensor([[3, 1, 3], [2, 0, 1]]))
    >>> values[wins].tolist()
    [3, 0, 1, 2]
    """
    if there is not None:
        voters = torch.where(there, voters, _ABSENT)
    values = voters.sort(dim=1)[0]
    first = torch.ones_like(values, dtype=torch.bool)
    first[:, 1:] = values[:, 1:] != values[:, :-1]
    first &= values != _ABSENT
    votes = torch.empty_like(values)
    step = max(1, _CHUNK // max(1, values.shape[1] ** 2))
    for start in range(0, len(values), step):
        part = values[start : start + step]
        votes[start : start + step] = (part.unsqueeze(2) == part.unsqueeze(1)).sum(2)
    votes.masked_fill_(~first, 0)
    return values, first & (votes == votes.amax(1, keepdim=True))


def vote(voters: Tensor, u: Tensor, there: Tensor | None = None) -> Tensor:
    """The most frequent value of each row; of several, each is as likely.

    Args:
        voters: Category codes, int64, shape (n, k).
        u: Uniform numbers in [0, 1) that settle ties, shape (n,).
        there: Which of them vote, bool, shape (n, k), at least one a row; None: all.

    Returns:
        int64 tensor of shape (n,).

    >>> vote(torch.tensor([[3, 1, 3], [2, 0, 1]]), torch.tensor([0.9, 0.5])).tolist()
    [3, 1]
    """
    values, wins = winners(voters, there)
    rank = (u * wins.sum(1)).long().unsqueeze(1)
    place = (wins.cumsum(1) > rank).to(torch.uint8).argmax(1, keepdim=True)
    return values.gather(1, place).squeeze(1)
