"""The state of a layer as a whole: to come back to it for a recomputation, or to leave it where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .bank import FeatureBank

__all__ = ["StepLayer"]

State = list[tuple[nn.Module, dict[str, Any]]]


class StepLayer(nn.Module):
    """A module whose forward pass is a step: it replaces its buffers by those of the next step.

    Since a step never writes into a buffer, the state before it is kept by keeping its tensors: no copy.
    """

    _also_state: ClassVar[tuple[str, ...]] = ()

    def checkpoint_contexts(self) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        """The ``context_fn=`` of ``torch.utils.checkpoint``, so that a recomputed forward is no further step.

        It makes the draws of the first one, from the same bank, and leaves the state as it found it, without
        exchange between ranks. Needs ``use_reentrant=False``.

        >>> from torch.utils.checkpoint import checkpoint
        >>> from torchsmote import EmbeddingSMOTE
        >>> layer, h = EmbeddingSMOTE(2), torch.arange(8.0).reshape(4, 2).requires_grad_()
        >>> y = torch.tensor([0, 0, 0, 1])
        >>> h2, y2 = checkpoint(layer, h, y, use_reentrant=False, context_fn=layer.checkpoint_contexts)
        >>> h2.square().sum().backward()
        >>> int(layer.counter)
        1
        """
        begun: State = []
        return self._forward(begun), _Reusable(lambda: self._again(begun))

    @contextmanager
    def _forward(self, begun: State) -> Iterator[None]:
        begun[:] = self._state()
        yield

    @contextmanager
    def _again(self, begun: State) -> Iterator[None]:
        now = self._state()
        _restore(begun)
        for bank in self._banks():  # nobody reads what it is given now
            bank.gather = False
        try:
            yield
        finally:
            _restore(now)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """A context whose steps write into the buffers there are, since a CUDA graph replays addresses.

        Put the forward pass inside, while the graph is captured; take a step or two before, so that a bank
        has its width. The backward pass reads none of the buffers, and may come after.

        Raises:
            ValueError: If a bank gets its width in a step that is captured: each replay would empty it.

        >>> from torchsmote import EmbeddingSMOTE
        >>> layer = EmbeddingSMOTE(2)
        >>> counter = layer.counter
        >>> with layer.in_place():
        ...     h2, y2 = layer(torch.eye(4), torch.tensor([0, 0, 0, 1]))
        >>> layer.counter is counter, int(counter)
        (True, 1)
        """
        before = _buffers(self)
        yield
        with torch.no_grad():
            for module, values in before:
                for name, value in values.items():
                    after = getattr(module, name)
                    if after.shape != value.shape:
                        _refuse_while_capturing(name)
                    elif after is not value:
                        setattr(module, name, value.copy_(after))

    def _banks(self) -> list[FeatureBank]:
        return [module for module in self.modules() if isinstance(module, FeatureBank)]

    def _state(self) -> State:
        gather = [(bank, {"gather": bank.gather}) for bank in self._banks()]
        plain = {name: getattr(self, name) for name in ("training", *self._also_state)}
        return [*_buffers(self), *gather, (self, plain)]


def _refuse_while_capturing(name: str) -> None:
    if torch.cuda.is_available() and torch.cuda.is_current_stream_capturing():
        raise ValueError(
            f"`{name}` got its width while a CUDA graph was captured, so that each replay would empty it; "
            "take a step before the capture"
        )


class _Reusable(AbstractContextManager[None]):
    """A context that may be entered again: each backward pass through a kept graph recomputes."""

    def __init__(self, make: Callable[[], AbstractContextManager[None]]) -> None:
        self._make = make
        self._entered: list[AbstractContextManager[None]] = []

    def __enter__(self) -> None:
        context = self._make()
        context.__enter__()
        self._entered.append(context)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return self._entered.pop().__exit__(kind, error, trace)


def _buffers(layer: nn.Module) -> list[tuple[nn.Module, dict[str, Tensor]]]:
    return [(module, dict(module.named_buffers(recurse=False))) for module in layer.modules()]


def _restore(state: State) -> None:
    for module, values in state:
        for name, value in values.items():
            setattr(module, name, value)
