"""A grid search over a resampler's parameters: skorch resamples the training folds, and no others.

Prints the cross-validated score of the plain network and of each choice, and that of the chosen one on
held-out digits.

python examples/tune_skorch.py
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.base import clone
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
from skorch import NeuralNetClassifier
from torch import nn

from torchsmote import SMOTE, load_digits_imbalanced
from torchsmote.skorch import SMOTELoader

digits = load_digits_imbalanced(imbalance_ratio=10)
X, y = digits.data.astype(np.float32) / 16, digits.target
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
print(f"{len(y_train)} training rows, of each digit: {np.bincount(y_train).tolist()}")


def network() -> nn.Module:
    """64 pixels to 10 digits, with the same first weights each time."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


plain = NeuralNetClassifier(
    network,
    criterion=nn.CrossEntropyLoss,
    optimizer=torch.optim.Adam,
    lr=1e-2,
    max_epochs=10,
    batch_size=64,
    train_split=None,  # the folds validate
    verbose=0,
)
net = clone(plain).set_params(iterator_train=SMOTELoader, iterator_train__resampler=SMOTE())
grid = {
    "iterator_train__resampler__k_neighbors": [1, 5],
    "iterator_train__resampler__sampling_strategy": ["minority", "not majority"],
}
judge = {"cv": StratifiedKFold(3), "scoring": "balanced_accuracy", "error_score": "raise"}
print(f"no resampling: balanced accuracy {cross_val_score(plain, X_train, y_train, **judge).mean():.3f}")
search = GridSearchCV(net, grid, **judge).fit(X_train, y_train)
for params, score in zip(search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True):
    choice = ", ".join(f"{name.rpartition('__')[2]}={value}" for name, value in params.items())
    print(f"{choice}: balanced accuracy {score:.3f}")
print(f"held out, retrained with the best: {balanced_accuracy_score(y_test, search.predict(X_test)):.3f}")
