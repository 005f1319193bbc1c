"""Recomputing a forward pass, as gradient checkpointing does, with the draws that it had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from torch import nn

from .bank import FeatureBank

__all__ = ["replaying_contexts"]

State = list[tuple[nn.Module, dict[str, Any]]]


def replaying_contexts(
    layer: nn.Module, plain: Sequence[str]
) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    """A context for a forward pass and one for its recomputation, which begins from the state of the first.

    Buffers are replaced by a step, never written into, so that keeping the old ones copies nothing. What
    the recomputation leaves behind is thrown away.

    Args:
        layer: The module whose buffers, its submodules' included, are its state.
        plain: Names of further attributes of ``layer`` that belong to it.
    """
    begun: State = []
    banks = [module for module in layer.modules() if isinstance(module, FeatureBank)]

    def state() -> State:
        held = [(module, dict(module.named_buffers(recurse=False))) for module in layer.modules()]
        gather = [(bank, {"gather": bank.gather}) for bank in banks]
        return [*held, *gather, (layer, {name: getattr(layer, name) for name in plain})]

    @contextmanager
    def forward() -> Iterator[None]:
        begun[:] = state()
        yield

    @contextmanager
    def again() -> Iterator[None]:
        now = state()
        _restore(begun)
        for bank in banks:  # no further exchange between ranks for what nobody reads
            bank.gather = False
        try:
            yield
        finally:
            _restore(now)

    return forward(), again()


def _restore(state: State) -> None:
    for module, values in state:
        for name, value in values.items():
            setattr(module, name, value)
