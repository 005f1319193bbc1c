"""What SMOTEDataset refuses: each error names the argument, what was wrong, and what to do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from loop_data import D, Items, N, table
from torch.utils.data import IterableDataset, Subset, TensorDataset, get_worker_info

from torchsmote import SMOTE, RandomOverSampler
from torchsmote.data import SMOTEDataset, SMOTESampler, TensorLoader, sources
from torchsmote.data.sources import TensorSource

X, Y = table()


def build(dataset=None, **given):
    return SMOTEDataset(TensorDataset(X, Y) if dataset is None else dataset, SMOTE(k_neighbors=3), **given)


class Stream(IterableDataset):
    def __iter__(self):
        return iter([(X[0], 0)])


@pytest.mark.parametrize(
    ("dataset", "error", "facts"),
    [
        (Stream(), TypeError, "IterableDataset Stream.*map-style"),
        (iter([1]), TypeError, "__getitem__.*list_iterator"),
        (None.__class__, TypeError, "__getitem__"),
        ([], ValueError, "empty"),
        (Subset(TensorDataset(X, Y), []), ValueError, "empty"),
        (TensorDataset(X.long(), Y), ValueError, "floating.*int64, torch.int64.*float"),
        ([(int(v), 1) for v in range(9)], ValueError, "item 0.*floating.*int, int"),
        ([({"a": 1}, 1.0)] * 9, ValueError, "floating.*int, float"),
        ([(torch.zeros(i + 1), 1) for i in range(9)], ValueError, "ragged.*item 1.*2.*item 0.*1"),
        (TensorDataset(X), ValueError, "item 0 has no label.*targets"),
        ([X[0]] * 9, ValueError, "item 0 has no label.*targets"),
        ([(X[0], None)] * 9, ValueError, "item 0 has no label.*targets"),
        (TensorDataset(X, torch.stack((Y, 1 - Y), 1)), ValueError, rf"targets.*\({N}, 2\)"),
    ],
)
def test_datasets(dataset, error, facts):
    with pytest.raises(error, match=facts):
        build(dataset)


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        ({"features": X[:-1]}, ValueError, f"features.*{N}.*{N - 1}"),
        ({"features": torch.tensor(1.0)}, ValueError, f"features.*{N}"),
        ({"features": X.long()}, TypeError, "features.*int64.*float"),
        ({"features": lambda item: item[1]}, TypeError, "features.*int64"),
        ({"targets": Y[:-1]}, ValueError, f"targets.*{N}.*{N - 1}"),
        ({"targets": torch.zeros(N, 3)}, ValueError, rf"targets.*\({N}, 3\)"),
        ({"targets": [None] * N}, ValueError, "targets.*None"),
        ({"categorical": [1]}, ValueError, "no label.*categorical.*targets"),
        ({"seed": -1}, ValueError, "seed.*-1"),
        ({"seed": 0.5}, TypeError, "seed.*float"),
        ({"soft_labels": True}, ValueError, "num_classes"),
        ({"soft_labels": True, "num_classes": 1}, ValueError, "num_classes.*1.*2"),
        ({"soft_labels": True, "num_classes": 2, "targets": Y - 1}, ValueError, "negative"),
        ({"soft_labels": True, "num_classes": 2, "targets": Y * 0.5}, ValueError, "fractional|whole"),
        ({"soft_labels": True, "num_classes": 2, "targets": np.array(["a", "b"])[Y]}, ValueError, "encode"),
    ],
)
def test_arguments(given, error, facts):
    with pytest.raises(error, match=facts):
        build(**given)


def test_ragged_given_features():
    with pytest.raises(ValueError, match=r"ragged.*item 1"):
        build(features=iter_lengths())


def iter_lengths():
    lengths = iter(range(1, 99))
    return lambda item: torch.zeros(next(lengths))


def test_ragged_leaves_of_items_that_are_not_read_before():
    ragged = [(x, int(y), torch.zeros(i % 2 + 1)) for i, (x, y) in enumerate(zip(X, Y, strict=True))]
    data = build(ragged, features=X, targets=Y)
    with pytest.raises(ValueError, match=r"ragged.*\(1,\)|ragged.*\(2,\)"):
        list(data)


@pytest.mark.parametrize(
    ("resampler", "error", "facts"),
    [
        (SMOTE, TypeError, "resampler.*SMOTE"),
        ("smote", TypeError, "resampler.*str"),
        (SMOTE(k_neighbors=12), ValueError, "12.*12|12.*13"),
        (RandomOverSampler(shrinkage=0.1), ValueError, "shrinkage"),
        (SMOTE(sampling_strategy={5: 100}), ValueError, "5"),
    ],
)
def test_resamplers(resampler, error, facts):
    with pytest.raises(error, match=facts):
        SMOTEDataset(TensorDataset(X, Y), resampler)


def test_one_class_and_nan_are_the_resamplers_errors():
    with pytest.raises(ValueError, match="class"):
        build(TensorDataset(X, Y * 0))
    broken = X.clone()
    broken[4, 2] = float("nan")
    with pytest.raises(ValueError, match=r"(?i)nan"):
        build(TensorDataset(broken, Y))


def test_whole_number_float_labels_can_be_soft():
    data = build(TensorDataset(X, Y.double()), soft_labels=True, num_classes=2)
    assert data[0][1].shape == (2,)


def test_device_data_in_a_worker_is_refused(monkeypatch):
    source = TensorSource((torch.zeros(3, D, device="meta"), torch.zeros(3, dtype=torch.int64)))
    monkeypatch.setattr(sources, "get_worker_info", lambda: object())
    with pytest.raises(ValueError, match=r"meta.*worker.*CPU.*TensorLoader"):
        source.stacks(None, None, None)
    items = sources.ItemSource([(torch.zeros(3, device="meta"), 1)])
    with pytest.raises(ValueError, match=r"meta.*worker.*CPU.*TensorLoader"):
        items._fetch([0])
    assert get_worker_info() is None


def test_loaders_and_samplers_name_what_they_need():
    with pytest.raises(TypeError, match=r"SMOTEDataset.*TensorDataset"):
        SMOTESampler(TensorDataset(X, Y))
    with pytest.raises(TypeError, match=r"Items.*SMOTESampler"):
        TensorLoader(build(Items()))
    with pytest.raises(TypeError, match=r"got TensorDataset; wrap it in one"):
        TensorLoader(TensorDataset(X, Y))
    data = build()
    with pytest.raises(TypeError, match=r"batch_size.*float"):
        TensorLoader(data, 2.0)
    with pytest.raises(ValueError, match=r"batch_size.*0"):
        TensorLoader(data, 0)
    for device in ("nonsense", "cuda:999"):
        with pytest.raises(ValueError, match=rf"device.*{device}"):
            TensorLoader(data, device=device)
    with pytest.raises(ValueError, match="seed"):
        SMOTESampler(data, seed=-1)
    with pytest.raises(ValueError, match="seed"):
        TensorLoader(data, seed=2**64)
