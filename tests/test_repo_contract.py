"""One contract for every public resampler, those included that come later: found in `torchsmote.__all__`.

What a class needs to run on a small table, and where it may differ, stands in the tables below.
"""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from torch.utils.data import TensorDataset

import torchsmote
from torchsmote import EmbeddingSMOTE, SMOTEDataset

Array = NDArray[Any]


def blobs() -> tuple[Array, Array]:
    """Three classes that overlap, so that every method finds rows in danger, safe ones and clusters."""
    rng = np.random.RandomState(2)
    y = rng.permutation(np.repeat([0, 1, 2], [60, 30, 20]))
    return rng.randn(110, 4) + 1.6 * np.eye(3, 4)[y], y


def mixed() -> tuple[Array, Array]:
    """Two columns of numbers, two of categories."""
    X, y = blobs()
    return np.concatenate([X[:, :2], np.floor(np.abs(X[:, 2:]) * 2).clip(0, 3)], 1), y


def categories() -> tuple[Array, Array]:
    """Categories alone, as codes."""
    X, y = blobs()
    return np.floor(np.abs(X) * 2).clip(0, 3).astype(np.int64), y


def several_labels() -> tuple[Array, Array]:
    """Several 0/1 labels a row, the last of them rare."""
    X, _ = blobs()
    return X, (X[:, :3] > [-1.0, 0.0, 1.5]).astype(np.int64)


def numbers() -> tuple[Array, Array]:
    """A continuous target with rare values at one end."""
    X, _ = blobs()
    return X, np.exp(X[:, 0])


DATA: dict[str, Callable[[], tuple[Array, Array]]] = {
    "SMOTENC": mixed,
    "SMOTEN": categories,
    "MLSMOTE": several_labels,
    "SMOTER": numbers,
    "SMOGN": numbers,
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "KMeansSMOTE": {"cluster_balance_threshold": 0.1, "kmeans_estimator": 4},
    "SMOTENC": {"categorical_features": [2, 3]},
    "ClusterCentroids": {"voting": "hard"},  # soft centroids are no rows of the table
    "LatentSMOTE": {"encoder": torch.nn.Identity(), "decoder": torch.nn.Identity()},
    "DeepSMOTE": {"latent_dim": 3, "epochs": 2, "width": 2, "progress": False},
}
CLEANS = "it removes the rows that lie in the wrong place, however many they are"
INEXACT = {
    "ADASYN": "the share of each base row is rounded, as in the paper",
    "KMeansSMOTE": "the share of each cluster is rounded up, as in imbalanced-learn",
    "SVMSMOTE": "without vectors of one kind that kind's share is not made, as in imbalanced-learn",
    "InstanceHardnessThreshold": "rows as hard as the threshold stay together, as in imbalanced-learn",
    "CondensedNearestNeighbour": "it keeps the rows that a nearest neighbour needs, however many they are",
    "OneSidedSelection": CLEANS,
    "TomekLinks": CLEANS,
    "EditedNearestNeighbours": CLEANS,
    "RepeatedEditedNearestNeighbours": CLEANS,
    "AllKNN": CLEANS,
    "NeighbourhoodCleaningRule": CLEANS,
    "SMOTEENN": CLEANS,
    "SMOTETomek": CLEANS,
    "SMOTEIPF": CLEANS,
    "MLSMOTE": "it has no counts of classes: a row has several labels",
    "SMOTER": "it has no classes: shares of rare and frequent values are rounded",
    "SMOGN": "it has no classes: shares of rare and frequent values are rounded",
}

RESAMPLERS: dict[str, type[Any]] = {
    name: value
    for name in torchsmote.__all__
    if isinstance(value := getattr(torchsmote, name), type)
    and issubclass(value, BaseEstimator)
    and hasattr(value, "fit_resample")
}


def package(name: str) -> str:
    """The package that a class lives in: over_sampling, under_sampling, combine ..."""
    return RESAMPLERS[name].__module__.split(".")[1]


OVER = [name for name in RESAMPLERS if package(name) == "over_sampling"]
every = pytest.mark.parametrize("name", RESAMPLERS)


def made(name: str, seed: Any = 0) -> Any:
    """An object of the class, seeded where it draws."""
    cls = RESAMPLERS[name]
    drawn = {"random_state": seed} if "random_state" in cls._parameter_constraints else {}
    return cls(**ARGUMENTS.get(name, {}), **drawn)


def data(name: str) -> tuple[Array, Array]:
    """The table for a class, and its target."""
    return DATA.get(name, blobs)()


@pytest.fixture(autouse=True)
def _data_warnings() -> Iterator[None]:
    """Whole numbers may be remarked upon: that a table holds them is this file's doing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torchsmote.DataWarning)
        yield


def plain(values: Any) -> Array:
    """Any container as a numpy array."""
    if isinstance(values, torch.Tensor):
        return values.cpu().double().numpy() if values.is_floating_point() else values.cpu().numpy()
    return values.toarray() if sparse.issparse(values) else np.asarray(values)


def frame(X: Array) -> pd.DataFrame:
    """A data frame whose row labels are no positions."""
    return pd.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])], index=np.arange(len(X)) + 7)


def series(y: Array) -> Any:
    """A series; a data frame for several labels."""
    index = np.arange(len(y)) + 7
    return pd.Series(y, name="kind", index=index) if y.ndim == 1 else pd.DataFrame(y, index=index)


CONTAINERS: dict[str, tuple[Callable[[Array], Any], Callable[[Array], Any]]] = {
    "tensor": (torch.tensor, torch.tensor),
    "numpy": (np.array, np.array),
    "list": (np.ndarray.tolist, np.ndarray.tolist),
    "frame": (frame, series),
    "csr": (sparse.csr_matrix, np.array),
    "csr array": (sparse.csr_array, np.array),
}


def kept(given: Any, got: Any) -> bool:
    """Whether container, dtype and device are as they were."""
    if isinstance(given, torch.Tensor):
        return (given.dtype, given.device) == (got.dtype, got.device)
    if isinstance(given, pd.DataFrame):
        return list(given.columns) == list(got.columns) and (given.dtypes == got.dtypes).all()
    if isinstance(given, pd.Series):
        return given.name == got.name and given.dtype == got.dtype
    return getattr(given, "dtype", None) == getattr(got, "dtype", None)


def refusal(build: Callable[[], Any]) -> str | None:
    """The message of a TypeError or ValueError, or None where there is none."""
    try:
        build()
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def check_one_sentence(name: str, message: str) -> None:
    """It names the class and has no line break, and no full stop with more behind it."""
    assert name in message
    assert not re.search(r"\n|[.!?] ", message), message


def test_the_list_holds_what_it_should():
    assert {"SMOTE", "RandomOverSampler", "SVMSMOTE"} <= set(RESAMPLERS)
    assert set(OVER) == set(torchsmote.over_sampling.__all__)


@every
@pytest.mark.parametrize("container", CONTAINERS)
def test_containers_are_kept_and_inputs_untouched(name, container):
    X, y = data(name)
    as_X, as_y = CONTAINERS[container]
    given, target = as_X(X), as_y(y)
    rows, labels = made(name).fit_resample(given, target)
    for before, original, got in ((given, X, rows), (target, y, labels)):
        np.testing.assert_array_equal(plain(before), original)
        assert type(got) is type(before)
        assert kept(before, got)
    expected, expected_labels = made(name).fit_resample(X, y)
    np.testing.assert_array_equal(plain(labels), expected_labels)
    np.testing.assert_allclose(plain(rows), expected, rtol=1e-9, atol=1e-9)


@every
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_dtype_and_device_are_kept(name, dtype, device):
    X, y = (torch.tensor(values, device=device) for values in data(name))
    X = X.to(dtype) if X.is_floating_point() else X
    before = X.clone()
    sampler = made(name)
    rows, labels = sampler.fit_resample(X, y)
    assert kept(X, rows)
    assert kept(y, labels)
    assert torch.equal(X, before)
    assert bool(rows.isfinite().all())
    assert len(rows) == len(labels)
    if name in OVER:
        assert len(rows) > len(X)
        assert torch.equal(rows[: len(X)], X)
        assert torch.equal(labels[: len(y)], y)


@every
def test_sample_indices_say_where_rows_came_from(name):
    X, y = data(name)
    sampler = made(name)
    rows, labels = sampler.fit_resample(X, y)
    origin = np.asarray(sampler.sample_indices_)
    assert len(origin) == len(rows) == len(labels)
    real = origin >= 0
    np.testing.assert_array_equal(rows[real], X[origin[real]])
    np.testing.assert_array_equal(labels[real], y[origin[real]])
    if package(name) == "under_sampling":
        assert real.all()
        assert len(set(origin.tolist())) == len(origin) or sampler.get_params().get("replacement")
    if name in OVER:
        np.testing.assert_array_equal(origin[: len(X)], np.arange(len(X)))
    if hasattr(sampler, "draws_"):
        synthetic = ~real if not real.all() else np.arange(len(rows)) >= len(X)
        assert len(sampler.draws_.base) == synthetic.sum()
        assert int(sampler.draws_.base.max()) < len(X)


@every
def test_counts_are_exact(name):
    X, y = data(name)
    sampler = made(name)
    _, labels = sampler.fit_resample(X, y)
    if name in INEXACT:
        assert not np.array_equal(labels, y)
        return
    before = {label: int((y == label).sum()) for label in np.unique(y).tolist()}
    after = {label: int((labels == label).sum()) for label in before}
    asked = dict(sampler.sampling_strategy_)
    wanted = {label: asked.get(label, count) for label, count in before.items()}
    if package(name) != "under_sampling":
        wanted = {label: count + asked.get(label, 0) for label, count in before.items()}
    assert after == wanted
    assert after != before


@every
def test_the_same_seed_gives_the_same_rows(name):
    X, y = data(name)
    sampler = made(name, 5)
    first, again, other = (
        sampler.fit_resample(X, y),
        sampler.fit_resample(X, y),
        made(name, 5).fit_resample(X, y),
    )
    for values in (again, other):
        np.testing.assert_array_equal(values[0], first[0])
        np.testing.assert_array_equal(values[1], first[1])


@pytest.mark.parametrize(
    "name", [n for n in RESAMPLERS if "random_state" in RESAMPLERS[n]._parameter_constraints]
)
def test_a_generator_seeds_the_rows(name, device):
    X, y = (torch.tensor(values, device=device) for values in data(name))
    rows = [made(name, torch.Generator(device).manual_seed(seed)).fit_resample(X, y)[0] for seed in (1, 1, 2)]
    assert torch.equal(rows[0], rows[1])
    if name in OVER:
        assert not torch.equal(rows[0], rows[2])


@every
def test_pickle_repr_clone(name):
    X, y = data(name)
    sampler = made(name, 3)
    assert set(sampler._parameter_constraints) == set(sampler.get_params(deep=False))
    copy = pickle.loads(pickle.dumps(clone(sampler)))
    assert repr(copy.get_params()) == repr(sampler.get_params())
    assert repr(sampler).startswith(f"{name}(")
    rows, _ = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(copy.fit_resample(X, y)[0], rows)
    assert name in sampler._repr_html_()  # it looks at every attribute
    restored = pickle.loads(pickle.dumps(sampler))
    np.testing.assert_array_equal(restored.sample_indices_, sampler.sample_indices_)
    assert restored.fit(X, y) is restored


@every
def test_embeddings_pass_in_eval_mode_or_construction_says_why_not(name):
    h, y = (torch.tensor(values) for values in blobs())
    message = refusal(lambda: EmbeddingSMOTE(3, made(name, None), seed=0))
    if message is not None:
        check_one_sentence(name, message)
        return
    module = EmbeddingSMOTE(3, made(name, None), seed=0)
    rows, labels = module.eval()(h, y)
    assert rows is h
    assert labels is y
    rows, labels = module.train()(h, y)
    assert rows.shape == (2 * len(h), 4)
    assert torch.equal(rows[: len(h)], h)
    assert labels.shape == (2 * len(h),)
    assert bool(rows.isfinite().all())


@every
def test_a_dataset_draws_or_construction_says_why_not(name):
    X, y = (torch.tensor(values) for values in data(name))
    table = TensorDataset(X.float(), y)
    message = refusal(lambda: SMOTEDataset(table, made(name, None), seed=1))
    if message is not None:
        check_one_sentence(name, message)
        return
    dataset = SMOTEDataset(table, made(name, None), seed=1)
    assert len(dataset) > len(X)
    assert dataset.n_real == len(X)
    items = dataset.__getitems__(range(len(dataset)))
    rows = torch.stack([item[0] for item in items])
    assert torch.equal(rows[: len(X)], X.float())
    assert bool(rows.isfinite().all())
    assert [item[1].tolist() for item in items] == torch.as_tensor(dataset.targets).tolist()
    again = SMOTEDataset(table, made(name, None), seed=1)
    assert torch.equal(torch.stack([item[0] for item in again.__getitems__(range(len(dataset)))]), rows)
