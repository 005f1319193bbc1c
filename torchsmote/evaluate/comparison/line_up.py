"""From the arguments of `compare` to the rows of its table: the standing ones, then the methods asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ...method_names import make_resampler
from ...short_text import short_text
from ...targets import Targets, encode
from ..features import Features
from .classifier import Classifier, read_classifier
from .contender import Contender, Training
from .grid import check_grid, multiply
from .measurements import STANDING
from .methods import Method, check_strategy, read_method
from .models import Model
from .naming import name_methods
from .preparation import encoded_width
from .torch_model import TorchModel
from .trainings import Plain, TunedThreshold

__all__ = ["LineUp", "line_up"]


@dataclass(frozen=True)
class LineUp:
    """Who takes part.

    Attributes:
        contenders: The standing ones first.
        left_out: Name -> why it does not take part.
        model: What is trained, in short.
    """

    contenders: list[Contender]
    left_out: dict[str, str]
    model: str


def line_up(
    methods: Sequence[Any],
    model: Any,
    grid: Mapping[str, Sequence[Any]] | None,
    features: Features,
    counts: Sequence[int],
    *,
    classes: Sequence[Any] | None = None,
) -> LineUp:
    """Check the arguments of ``compare`` and turn them into contenders; nothing is trained.

    Args:
        methods: Names, resamplers, "EasyEnsemble", "BalancedRandomForest".
        model: None (an MLP), a ``TorchModel``, a function that builds an nn.Module, or a classifier.
        grid: "k_neighbors" and "sampling_strategy" -> values, for those ``methods`` that have them.
        features: The whole table, for its columns alone.
        counts: Rows of each class.
        classes: Labels in the order of their positions, as a ``sampling_strategy`` by class names them; None:
            0, 1, ...

    Raises:
        TypeError: If something is of the wrong kind.
        ValueError: If a name, an argument or the grid is wrong, or two methods are the same.
        ImportError: If an ensemble is asked for and imbalanced-learn is missing.
    """
    labels = np.asarray(range(len(counts)) if classes is None else classes)
    trained = _read_model(model, labels.tolist())
    asked = _read_methods(methods, grid, features, encode(np.repeat(labels, counts)))
    trained.check(encoded_width(features), len(counts))
    contenders = [
        Contender(name, training, f"{name}; {trained.text}")
        for name, training in _standing(trained, labels, features)
    ]
    left_out = {"class weights": trained.refuses_weights} if trained.refuses_weights else {}
    for method in asked:  # their texts are without names: those change with who else takes part
        if method.is_ensemble:
            own = Classifier(method.estimator)
            contenders.append(Contender(method.name, Plain(method.name, own, labels), own.text))
        else:
            plain = Plain(method.name, trained, labels, method.estimator)
            text = f"{_text(method.estimator)}; {trained.text}"
            contenders.append(Contender(method.name, plain, text))
    return LineUp(contenders, left_out, trained.text)


def _read_model(model: Any, labels: Sequence[Any]) -> Model:
    if isinstance(model, nn.Module):
        raise TypeError(
            f"`model` must be a function that builds a fresh {type(model).__name__} for every fold: "
            "lambda n_features, n_classes: ..."
        )
    if model is None:
        return TorchModel()
    if isinstance(model, TorchModel):
        return model
    if hasattr(model, "fit") and not _builds_modules(model):
        return read_classifier(model, labels)
    if callable(model):
        return TorchModel(model)
    raise TypeError(
        "`model` must be None, a scikit-learn classifier, a TorchModel, or a function of (n_features, "
        f"n_classes) that builds an nn.Module, got {type(model).__name__}"
    )


def _builds_modules(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, nn.Module)


def _read_methods(
    methods: Any,
    grid: Mapping[str, Sequence[Any]] | None,
    features: Features,
    targets: Targets,
) -> list[Method]:
    if isinstance(methods, str) or not isinstance(methods, Sequence):
        raise TypeError(f'`methods` must be a list, such as ["SMOTE"], got {methods!r}')
    axes = check_grid(grid)
    found = [read_method(method, features) for method in methods]
    named = name_methods(multiply(found, axes))
    for method in named:
        check_strategy(method, features, targets)
    return named


def _standing(model: Model, labels: NDArray[Any], features: Features) -> list[tuple[str, Callable[..., Any]]]:
    nothing, tuned, weights, over, under = STANDING
    sampling = {
        name: make_resampler(kind, categorical=features.categorical)
        for name, kind in ((over, "RandomOverSampler"), (under, "RandomUnderSampler"))
    }
    plain = Plain(nothing, model, labels)
    rows: list[tuple[str, Training]] = [(nothing, plain), (tuned, TunedThreshold(plain))]
    if not model.refuses_weights:
        rows.append((weights, Plain(weights, model, labels, balanced=True)))
    return [*rows, *((name, Plain(name, model, labels, own)) for name, own in sampling.items())]


def _text(resampler: Any) -> str:
    """What a resampler is: its module, too, as others have classes of the same name."""
    return f"{type(resampler).__module__}.{short_text(resampler)}"
