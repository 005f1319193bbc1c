"""Mistakes of a first hour, and that what is said names the way out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

import torchsmote
from torchsmote import SMOTE, BalancedBatchSampler, SMOTEDataset

X, y = torch.randn(60, 3, generator=torch.Generator().manual_seed(0)), (torch.arange(60) % 6 == 0).long()


def test_tables_given_as_a_dataset_and_its_labels() -> None:
    with pytest.raises(TypeError, match=r"got Tensor; labels go into the dataset, TensorDataset\(X, y\)"):
        SMOTEDataset(X, y)
    with pytest.raises(ValueError, match=r"item 0 has no label.*or give TensorDataset\(X, y\)"):
        SMOTEDataset((X, y))


def test_a_class_in_place_of_an_object() -> None:
    with pytest.raises(TypeError, match=r"such as SMOTE\(\), got the class SMOTE; one that"):
        SMOTEDataset(TensorDataset(X, y), SMOTE)


def test_a_memory_map_is_not_to_be_copied(tmp_path: Any) -> None:
    np.save(tmp_path / "X.npy", X.numpy())
    with pytest.raises(TypeError, match=r"TensorDataset\(torch.from_numpy\(X\), torch.tensor\(y\)\)"):
        SMOTEDataset(np.load(tmp_path / "X.npy", mmap_mode="c"))


def test_a_batch_sampler_given_as_a_sampler() -> None:
    data = SMOTEDataset(TensorDataset(X, y))
    sampler: Any = BalancedBatchSampler(data, 8)
    loader = DataLoader(data, 8, sampler=sampler, generator=torch.Generator())
    with pytest.raises(TypeError, match="BalancedBatchSampler is, goes to DataLoader as `batch_sampler`"):
        next(iter(loader))


@pytest.mark.parametrize("name", ["SMOTENC", "SMOTETomek", "SMOTEENN", "SMOTEIPF"])
def test_dask_frames_are_refused_by_the_name_of_what_was_called(name: str) -> None:
    pd, dd = pytest.importorskip("pandas"), pytest.importorskip("dask.dataframe")
    table = dd.from_pandas(pd.DataFrame(X.numpy(), columns=list("abc")).assign(y=y.numpy()), npartitions=2)
    method = getattr(torchsmote, name)
    resampler = method([0]) if name == "SMOTENC" else method()
    with pytest.raises(TypeError, match=f"{name} needs `X` in memory, got a table of type DataFrame"):
        resampler.fit_resample(table[list("abc")], table["y"])


def test_a_dask_frame_is_no_dataset() -> None:
    pd, dd = pytest.importorskip("pandas"), pytest.importorskip("dask.dataframe")
    table = dd.from_pandas(pd.DataFrame(X.numpy(), columns=list("abc")), npartitions=2)
    with pytest.raises(TypeError, match="got a Dask DataFrame; write it to Parquet and give ArrowRows"):
        SMOTEDataset(table, targets=y)


def test_an_argument_of_the_data_module_that_there_is_not() -> None:
    module = pytest.importorskip("torchsmote.lightning")
    with pytest.raises(TypeError, match=r"no argument `random_state`; its own are train, val, .*, seed; it"):
        module.SMOTEDataModule(TensorDataset(X, y), random_state=0)
