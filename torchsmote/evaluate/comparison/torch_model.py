"""Networks in a comparison: an MLP, or whatever a function builds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...isolation import own_randomness, reading
from ...nn.heads.fit import logits_of
from ..networks.batches import TensorBatches, until_steps
from ..networks.descent import descend
from ..networks.mlp import TabularMLP
from .function_text import function_text
from .models import Assignment

__all__ = ["TorchModel"]

_BATCHES = 8  # of an epoch at least, unless batches would be tiny: steps on the whole table hardly differ
_SMALLEST_BATCH = 16
_HIDDEN = (64, 32)


@dataclass(frozen=True)
class TorchModel:
    """A network for ``compare(model=)``, and how it is trained: AdamW with a one-cycle learning rate.

    Every fit takes the same number of steps, however many rows a method makes or removes: methods differ in
    what they show the network, not in how long it learns.

    Args:
        build: From (n_features, n_classes) to a module that maps float32 rows (b, n_features) to logits
            (b, n_classes); of two classes also (b,) or (b, 1), the logit of the second class. None: linear
            and ReLU layers.
        hidden: Widths of the hidden layers where ``build`` is None.
        steps: Of the optimiser.
        batch_size: Rows of a batch at most; where a training part has fewer than 8 such batches, an eighth of
            it (but 16, or all it has).
        learning_rate: Peak of the schedule.
        weight_decay: Of AdamW.

    Raises:
        TypeError: If ``build`` is not a function of that kind, or a rate is no number.
        ValueError: If another argument is out of range.

    >>> from torchsmote.evaluate import TorchModel
    >>> TorchModel(steps=2000)
    TorchModel(build=None, hidden=(64, 32), steps=2000, batch_size=256, learning_rate=0.003, weight_decay=0.1)
    """

    build: Callable[[int, int], nn.Module] | None = None
    _: KW_ONLY
    hidden: tuple[int, ...] = _HIDDEN
    steps: int = 600
    batch_size: int = 256
    learning_rate: float = 0.003
    weight_decay: float = 0.1

    def __post_init__(self) -> None:
        self._set_hidden()
        if isinstance(self.build, nn.Module) or not (self.build is None or callable(self.build)):
            raise TypeError(
                "`build` must be a function of (n_features, n_classes) that returns a fresh nn.Module for "
                f"every fold, got {type(self.build).__name__}"
            )
        if self.build is not None and self.hidden != _HIDDEN:
            raise ValueError(
                "`hidden` is for the network that is built without `build`; leave one of them out"
            )
        for name in ("steps", "batch_size"):
            if not _is_count(getattr(self, name)):
                raise ValueError(
                    f"`{name}` must be a whole number of at least 1, got {getattr(self, name)!r}"
                )
            object.__setattr__(self, name, int(getattr(self, name)))
        for name in ("learning_rate", "weight_decay"):
            if isinstance(getattr(self, name), bool) or not isinstance(getattr(self, name), Real):
                raise TypeError(f"`{name}` must be a number, got {getattr(self, name)!r}")
            object.__setattr__(self, name, float(getattr(self, name)))
        if not 0 < self.learning_rate < float("inf"):
            raise ValueError(f"`learning_rate` must be above 0, got {self.learning_rate}")
        if not 0 <= self.weight_decay < float("inf"):
            raise ValueError(f"`weight_decay` must be at least 0, got {self.weight_decay}")

    def _set_hidden(self) -> None:
        """Plain ints, however they were given: ``text`` must not tell them apart."""
        given: Any = self.hidden
        widths = given.tolist() if isinstance(given, np.ndarray) else given
        if not isinstance(widths, Sequence) or not widths or not all(map(_is_count, widths)):
            raise ValueError(
                f"`hidden` must be one or more widths of at least 1, such as (64, 32), got {self.hidden!r}"
            )
        object.__setattr__(self, "hidden", tuple(map(int, widths)))

    @property
    def text(self) -> str:
        """The settings that count; of a function its name and a digest of its source."""
        unused = "hidden" if self.build is not None else "build"
        shown = {field.name: getattr(self, field.name) for field in fields(self) if field.name != unused}
        if self.build is not None:
            shown["build"] = function_text(self.build)
        return f"TorchModel({', '.join(f'{name}={value}' for name, value in shown.items())})"

    @property
    def refuses_weights(self) -> str:
        """Never: the loss takes them."""
        return ""

    def check(self, n_features: int, n_classes: int) -> None:
        """Build a network and pass two rows of zeros through it.

        Raises:
            TypeError: If ``build`` cannot be called so, or returns no module.
            ValueError: If the module does not take such rows, its output is no logits, it has nothing to
                train, or two networks share parameters.
        """
        with own_randomness(0, None):
            module, other = (self._network(n_features, n_classes, 0) for _ in range(2))
            rows = _like(torch.zeros(2, n_features), module)
            with reading(module):
                try:
                    logits = module(rows)
                except Exception as error:
                    raise ValueError(
                        f"the module that `model` builds cannot take rows of shape (2, {n_features}): {error}"
                    ) from error
        _check_logits(logits, 2, n_classes)
        _check_parameters(module, other)

    def probabilities(self, given: Assignment) -> NDArray[np.float64]:
        """Train a network and predict; see ``Model``."""
        with own_randomness(given.seed, None):
            module = self._network(given.rows.shape[1], given.n_classes, given.seed)
        network = _AllLogits(module, given.n_classes)
        with own_randomness(given.seed, network), torch.enable_grad():
            self._train(network, given)
        network.eval()
        logits = logits_of(network, _like(torch.tensor(given.test), network))
        return torch.softmax(logits.double().cpu(), 1).numpy()

    def _network(self, n_features: int, n_classes: int, seed: int) -> nn.Module:
        if self.build is None:
            mlp = TabularMLP(n_features, self.hidden, 1 if n_classes == 2 else n_classes, seed=seed)
            return nn.Sequential(mlp.hidden, mlp.head)
        try:
            module = self.build(n_features, n_classes)
        except TypeError as error:
            raise TypeError(
                f"`model` is called as model(n_features, n_classes), here with {n_features} and {n_classes}: "
                f"{error}"
            ) from error
        if not isinstance(module, nn.Module):
            raise TypeError(f"`model` must return an nn.Module, got {type(module).__name__}")
        return module

    def _train(self, network: nn.Module, given: Assignment) -> None:
        x = _like(torch.tensor(given.rows), network)  # a copy: arrays from another process are read-only
        target = torch.tensor(given.y, device=x.device)
        weight = _class_weights(target, given.n_classes, x.dtype) if given.balanced else None

        def loss(some: Tensor, classes: Tensor) -> Tensor:
            # Over the rows, not over their weights: else a batch without rare rows would count as much.
            return cross_entropy(network(some), classes, weight=weight, reduction="sum") / len(some)

        size = min(self.batch_size, max(_SMALLEST_BATCH, len(x) // _BATCHES), len(x))
        shuffled = TensorBatches(x, target, size, given.seed)
        batches = until_steps(shuffled, self.steps, size, lambda epoch: None)
        descend(
            network,
            loss,
            batches,
            steps=self.steps,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            fused=True,
        )


class _AllLogits(nn.Module):
    """One logit for each class: where the module gives only that of the second class, the first has 0."""

    def __init__(self, module: nn.Module, n_classes: int) -> None:
        super().__init__()
        self.module = module
        self.n_classes = n_classes

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.module(x)
        _check_logits(logits, len(x), self.n_classes)
        if logits.numel() == len(x):
            second = logits.reshape(-1, 1)
            return torch.cat([torch.zeros_like(second), second], 1)
        return logits


def _check_logits(logits: Any, n: int, n_classes: int) -> None:
    allowed = [(n, n_classes), *([(n,), (n, 1)] if n_classes == 2 else [])]
    if not isinstance(logits, Tensor) or tuple(logits.shape) not in allowed:
        got = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(
            f"the module that `model` builds must give logits of shape {' or '.join(map(str, allowed))} for "
            f"{n} rows, got {got}"
        )


def _check_parameters(module: nn.Module, other: nn.Module) -> None:
    """A network that is built once and returned again would have learned the test rows of other folds."""
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ValueError("the module that `model` builds has no parameter to train")
    first, second = (
        {id(own) for own in (*part.parameters(), *part.buffers()) if own.requires_grad or _is_buffer(own)}
        for part in (module, other)
    )
    if first & second:
        raise ValueError(
            "`model` must build a fresh module at each call, but two calls returned the same parameters or "
            "buffers: what one fold learns would reach the others; create the module inside the function, or "
            "copy it there with copy.deepcopy"
        )


def _is_buffer(tensor: Tensor) -> bool:
    """A frozen parameter may be shared; a buffer changes while training, such as a running mean."""
    return not isinstance(tensor, nn.Parameter)


def _is_count(value: Any) -> bool:
    return isinstance(value, Integral) and value is not True and int(value) >= 1


def _like(rows: Tensor, module: nn.Module) -> Tensor:
    """Rows in the dtype and on the device of the module's parameters."""
    parameter = next(module.parameters(), rows.float())
    return rows.to(parameter.device, parameter.dtype)


def _class_weights(y: Tensor, n_classes: int, dtype: torch.dtype) -> Tensor:
    """Weights under which every class that is there weighs the same in all, and a row 1 on average."""
    counts = torch.bincount(y, minlength=n_classes)
    present = int((counts > 0).sum())
    return torch.where(counts > 0, len(y) / (present * counts.clamp(min=1)), 0.0).to(dtype)
