"""DeepSMOTE with each penalty on long-tailed digits: what it costs, how its rows vary, whether they help.

Run with ``python benchmarks/bench_deep_smote.py``, and with ``--mnist`` for images of 28 x 28 (extra
``examples``): one thread, CPU seconds, some minutes. Half of the question is how synthetic rows vary: their
mean squared distance to their mean, of that of the real rows of the class, averaged over the digits that
get any. The other half is balanced accuracy on digits that were left out, of a logistic regression and of a
small network trained on the resampled rows.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from typing import Any

import numpy as np
import torch
from common import digits_left_out, machine_info, write_result
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.neural_network import MLPClassifier
from torch import Tensor

from torchsmote import SMOTE, DeepSMOTE, RandomOverSampler, load_digits_imbalanced, load_mnist_imbalanced

Array = NDArray[Any]
RATIO = 20
EPOCHS = (30, 100, 300)
WIDTHS = (4, 8, 16, 32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--mnist", action="store_true")
    options = parser.parse_args()
    seeds, mnist = options.seeds, options.mnist
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", ConvergenceWarning)  # the same number of passes for every method
    rows = []
    for name in methods(0, mnist):
        found = [score(methods(seed, mnist)[name], seed, mnist) for seed in range(seeds)]
        rows.append({"name": name, **{key: statistics.mean(one[key] for one in found) for key in found[0]}})
        print(name, {key: round(value, 4) for key, value in rows[-1].items() if key != "name"}, flush=True)
    setting = {"imbalance_ratio": RATIO, "seeds": seeds}
    result = {"machine": machine_info(), "setting": setting, "rows": rows}
    if not mnist:
        result["images_28x28"] = [cost(width) for width in WIDTHS]
        print(result["images_28x28"])
    write_result("deep_smote_mnist" if mnist else "deep_smote", result)


def methods(seed: int, mnist: bool) -> dict[str, Any]:
    deep = {
        f"DeepSMOTE, {penalty}, {epochs} epochs": DeepSMOTE(
            epochs=epochs, width=8 if mnist else 16, penalty=penalty, seed=seed, progress=False
        )
        for penalty in ("paper", "reference", None)
        for epochs in ((50,) if mnist else EPOCHS)
    }
    pixels = {"random": RandomOverSampler(random_state=seed), "SMOTE": SMOTE(random_state=seed)}
    return {"nothing": None, **pixels, **deep}


def score(method: Any, seed: int, mnist: bool) -> dict[str, float]:
    """CPU seconds, reconstruction error, spread of the synthetic rows, and balanced accuracies."""
    X, y, test, test_labels = data(seed, mnist)
    start = time.process_time()
    rows, labels = (X, y) if method is None else method.fit_resample(X, y)
    seconds = time.process_time() - start
    found = {"seconds": seconds}
    if method is not None:
        found["spread"] = spread(X, y, rows, labels)
    if isinstance(method, DeepSMOTE):
        found["error"] = method.reconstruction_curve_[-1]
    models = {
        "logistic": LogisticRegression(max_iter=100 if mnist else 300),
        "network": MLPClassifier((64,), max_iter=40 if mnist else 300, random_state=seed),
    }
    scores = {
        name: balanced_accuracy_score(
            test_labels, model.fit(rows.flatten(1).numpy(), labels.numpy()).predict(test)
        )
        for name, model in models.items()
    }
    return {**found, **scores}


def data(seed: int, mnist: bool) -> tuple[Tensor, Tensor, Array, Array]:
    """Training images in [0, 1] and their digits, then those that are tested on, flat."""
    if mnist:
        found = load_mnist_imbalanced(RATIO, seed=seed)
        X, (test, test_labels) = found.data / 255, (found.test_data / 255, found.test_target)
    else:
        found = load_digits_imbalanced(RATIO, seed=seed)
        test, test_labels = digits_left_out(found.data)
        X, test = found.data / 16, test.astype(np.float64) / 16
    side = round(X.shape[1] ** 0.5)
    return torch.tensor(X).reshape(-1, 1, side, side), torch.tensor(found.target), test, test_labels


def spread(X: Tensor, y: Tensor, rows: Tensor, labels: Tensor) -> float:
    made, of = rows[len(X) :], labels[len(X) :]

    def around_mean(values: Tensor) -> Tensor:
        return (values - values.mean(0)).square().flatten(1).sum(1).mean()

    shares = [around_mean(made[of == c]) / around_mean(X[y == c]) for c in of.unique()]
    return float(torch.stack(shares).mean())


def cost(width: int) -> dict[str, float]:
    """CPU seconds per epoch on 1,300 grey images of 28 x 28 of noise."""
    generator = torch.Generator().manual_seed(0)
    X = torch.rand(1300, 1, 28, 28, generator=generator)
    y = torch.randint(10, (1300,), generator=generator)
    start = time.process_time()
    DeepSMOTE(epochs=3, width=width, progress=False).fit(X, y)
    return {"width": width, "seconds_per_epoch": (time.process_time() - start) / 3}


if __name__ == "__main__":
    main()
