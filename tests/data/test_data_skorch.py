"""skorch nets under scikit-learn: synthetic rows in training folds, and nowhere else."""

from __future__ import annotations

import pickle
from typing import ClassVar

import numpy as np
import pytest
import torch
from loop_data import RARE, N, same, table
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from skorch import NeuralNetBinaryClassifier, NeuralNetClassifier
from skorch.dataset import Dataset, ValidSplit
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset

from torchsmote import ADASYN, SMOTE, SMOTEDataset, SMOTESampler
from torchsmote.skorch import SMOTELoader

pytestmark = pytest.mark.global_rng  # first weights, and the seeds of skorch's own loaders

X, Y = (values.numpy() for values in table())
EPOCHS = 2


class Seen(nn.Module):
    """A linear layer that remembers which rows went through it."""

    rows: ClassVar[list[tuple[bool, np.ndarray]]] = []  # of all copies, as scikit-learn clones nets

    def __init__(self, outputs=2):
        super().__init__()
        self.layer = nn.Linear(X.shape[1], outputs)

    def forward(self, x):
        self.rows.append((self.training, x.numpy().copy()))
        return self.layer(x).squeeze(1)


@pytest.fixture(autouse=True)
def nothing_seen():
    Seen.rows.clear()


def net(kind=NeuralNetClassifier, criterion=nn.CrossEntropyLoss, **given):
    return kind(
        **{
            "module": Seen,
            "criterion": criterion,
            "max_epochs": EPOCHS,
            "batch_size": 16,
            "train_split": None,
            "verbose": 0,
            "iterator_train": SMOTELoader,
            "iterator_train__resampler": SMOTE(k_neighbors=3),
            **given,
        }
    )


def seen(training):
    """The rows that went through in this mode, as tuples."""
    return [tuple(row) for mode, rows in Seen.rows if mode is training for row in rows.tolist()]


def test_a_grid_search_resamples_training_folds_alone():
    folds = StratifiedKFold(3)
    grid = {
        "iterator_train__resampler__k_neighbors": [1, 4],
        "iterator_train__resampler__sampling_strategy": ["auto", 0.5],
    }
    search = GridSearchCV(
        net(), grid, cv=folds, refit=False, error_score="raise", scoring="balanced_accuracy"
    )
    search.fit(X, Y)
    parts = [(train, test) for _ in range(4) for train, test in folds.split(X, Y)]
    runs = _runs()
    assert len(runs) == len(parts)
    for (trained, tested), (train, test), params in zip(
        runs, parts, np.repeat(search.cv_results_["params"], 3), strict=True
    ):
        assert tested == [tuple(row) for row in X[test].tolist()]  # the fold itself, once, in order
        majority = int((Y[train] == 0).sum())
        share = 1 if params["iterator_train__resampler__sampling_strategy"] == "auto" else 0.5
        assert len(trained) == EPOCHS * (majority + int(share * majority))
        real = {tuple(row) for row in X[train].tolist()}
        assert real <= set(trained)
        made = [row for row in trained if row not in real]
        assert len(set(made)) == len(made) == len(trained) - EPOCHS * len(train)  # fresh in each epoch
        assert not set(made) & {tuple(row) for row in X.tolist()}


def _runs():
    """Rows trained on and predicted, for each fit."""
    runs, last = [], False
    for training, rows in Seen.rows:
        if training and not last:
            runs.append(([], []))
        runs[-1][not training].extend(tuple(row) for row in rows.tolist())
        last = training
    return runs


def test_the_nets_own_validation_split_is_not_resampled():
    model = net(train_split=ValidSplit(4, stratified=True)).fit(X, Y)
    train, valid = model.get_split_datasets(X, Y)
    real = {tuple(x.tolist()) for x, _ in train}
    assert len(seen(training=True)) == EPOCHS * 2 * int(sum(y == 0 for _, y in train))
    assert real <= set(seen(training=True))
    assert set(seen(training=False)) == {tuple(x.tolist()) for x, _ in valid}
    assert len(seen(training=False)) == EPOCHS * len(valid)


@pytest.mark.parametrize("part", [False, True])
def test_arrays_go_as_tensors_and_give_the_rows_of_the_items(part):
    rows = np.arange(0, N, 2) if part else np.arange(N)
    given = Subset(Dataset(X, Y), rows) if part else Dataset(X, Y)
    loader = SMOTELoader(given, batch_size=16, resampler=SMOTE(k_neighbors=2), seed=3)
    assert loader.generator.initial_seed() == 3  # without one, DataLoader draws from the global state
    whole = loader.dataset.dataset.dataset if part else loader.dataset.dataset
    assert isinstance(whole, TensorDataset)
    items = SMOTEDataset(given, SMOTE(k_neighbors=2), seed=3)
    slow = DataLoader(items, 16, sampler=SMOTESampler(items, seed=3))
    assert all(same(list(loader), list(slow)) for _ in range(2))


def test_other_datasets_are_taken_item_by_item():
    class Scaled(Dataset):
        def transform(self, x, y):
            return super().transform(x / 2, y)

    for given in (Scaled(X, Y), Dataset({"a": X}, Y)):
        batch = next(iter(SMOTELoader(given, batch_size=N, resampler=SMOTE(k_neighbors=2))))
        assert len(batch[1]) == N
    assert (
        np.abs(next(iter(SMOTELoader(Scaled(X, Y), batch_size=200)))[0].numpy()).max() <= np.abs(X).max() / 2
    )


def test_labels_of_a_binary_net_stay_floats():
    y = Y.astype(np.float32)
    loader = SMOTELoader(Dataset(X, y), batch_size=200)
    labels = next(iter(loader))[1]
    assert labels.dtype == torch.float32
    assert labels.sum() == N - RARE
    fitted = net(NeuralNetBinaryClassifier, nn.BCEWithLogitsLoss, module__outputs=1).fit(X, y)
    assert set(fitted.predict(X)) <= {0, 1}


def test_a_net_is_cloned_and_pickled_with_its_resampler():
    model = net(iterator_train__resampler=ADASYN(n_neighbors=4), iterator_train__seed=5)
    copy = clone(model)
    copy.set_params(iterator_train__resampler__n_neighbors=2)
    assert copy.get_params()["iterator_train__resampler"].n_neighbors in (2, 4)
    loader = copy.get_iterator(Dataset(X, Y), training=True)
    assert (loader.dataset.resampler.n_neighbors, loader.dataset.seed, loader.sampler.seed) == (2, 5, 5)
    assert model.get_iterator(Dataset(X, Y), training=True).dataset.resampler.n_neighbors == 4
    again = pickle.loads(pickle.dumps(copy.fit(X, Y)))
    assert np.array_equal(again.predict_proba(X), copy.predict_proba(X))


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match="`resampler` must be an over-sampler"):
        SMOTELoader(Dataset(X, Y), resampler="SMOTE")
    with pytest.raises(ValueError, match="Invalid parameter 'neighbours'"):
        SMOTELoader(Dataset(X, Y), resampler__neighbours=3)
    with pytest.raises(TypeError, match="shuffles"):
        SMOTELoader(Dataset(X, Y), shuffles=True)
    with pytest.raises(TypeError, match="`seed`"):
        SMOTELoader(Dataset(X, Y), seed=0.5)
    with pytest.raises(ValueError, match="class 1 has 12 samples but k_neighbors=30"):
        net(iterator_train__resampler__k_neighbors=30).fit(X, Y)
