"""Leave no trace: modes, buffers and global random numbers are put back, whatever happens in between."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from .random import Purpose, stream_seed

__all__ = ["modes_kept", "own_randomness", "reading"]


@contextmanager
def modes_kept(model: nn.Module) -> Iterator[None]:
    """Put train or eval mode of every module back afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def reading(model: nn.Module) -> Iterator[None]:
    """Eval mode without gradients; modes and buffers are put back afterwards.

    Eval mode leaves the buffers of torch's own layers alone; those of a user's layer may count calls.
    """
    buffers = [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    with modes_kept(model), torch.no_grad():
        model.eval()
        try:
            yield
        finally:
            for module, name, buffer, saved in buffers:
                if not torch.equal(buffer, saved):
                    buffer.copy_(saved)
                if getattr(module, name) is not buffer:
                    setattr(module, name, buffer)


@contextmanager
def own_randomness(seed: int, model: nn.Module | None) -> Iterator[None]:
    """Let foreign code draw from global generators that are seeded here and put back afterwards.

    A DataLoader shuffles by torch's, a dataset may augment by any, dropout draws on the model's device.
    """
    parameters = [] if model is None else model.parameters()
    cuda = sorted({parameter.device.index for parameter in parameters if parameter.is_cuda})
    own = stream_seed(seed, 0, Purpose.FIT)
    numpy_state, python_state = np.random.get_state(), random.getstate()
    with torch.random.fork_rng(cuda):
        try:
            torch.default_generator.manual_seed(own)
            for index in cuda:
                with torch.cuda.device(index):
                    torch.cuda.manual_seed(own)
            np.random.seed(own % 2**32)
            random.seed(own)
            yield
        finally:
            np.random.set_state(numpy_state)
            random.setstate(python_state)
