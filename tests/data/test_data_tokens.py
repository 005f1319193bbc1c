"""Items without a floating leaf, such as token ids: there is something to choose by, and nothing to mix."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from loop_data import N, same, table
from torch.utils.data import TensorDataset

from torchsmote import ADASYN, SMOTE, RandomOverSampler
from torchsmote.data import BatchedFeatures, SMOTEDataset, TensorLoader
from torchsmote.exceptions import DataWarning

X, Y = table()
IDS = torch.arange(3 * N).reshape(N, 3)


def tokens() -> list[dict[str, Any]]:
    return [
        {"input_ids": IDS[row], "attention_mask": torch.ones(3, dtype=torch.int64), "labels": int(Y[row])}
        for row in range(N)
    ]


@pytest.mark.parametrize("dataset", [tokens(), TensorDataset(IDS, Y)], ids=["dicts", "tensors"])
def test_without_features_the_error_names_the_ways(dataset):
    with pytest.raises(ValueError, match=r"floating.*int64.*token ids.*`features`.*'inputs_embeds'"):
        SMOTEDataset(dataset)


def test_with_features_items_are_repeated_and_a_warning_names_the_ways():
    items = tokens()
    with pytest.warns(DataWarning, match=r"nothing is interpolated.*'inputs_embeds'.*EmbeddingSMOTE.*Random"):
        data = SMOTEDataset(items, ADASYN(n_neighbors=3), features=X)
    chosen = SMOTEDataset(TensorDataset(X, Y), ADASYN(n_neighbors=3))  # by the features alone
    assert len(data) == len(chosen) > N
    for index in range(N, len(data)):
        base = data.provenance(index).base
        assert base == chosen.provenance(index).base
        assert same(data[index], items[base])


def test_whole_batches_of_tensors_are_repeated_too():
    with pytest.warns(DataWarning, match="nothing is interpolated"):
        data = SMOTEDataset(TensorDataset(IDS, Y), SMOTE(k_neighbors=3), features=X, return_provenance=True)
    for ids, labels, origin in TensorLoader(data, 40):
        assert torch.equal(ids, IDS[origin.base])
        assert torch.equal(labels, Y[origin.base])


def test_an_encoder_has_to_be_told_what_it_takes():
    table = torch.nn.Embedding.from_pretrained(torch.arange(6.0 * N).reshape(-1, 2))
    with pytest.raises(ValueError, match=r"`features` is an encoder.*BatchedFeatures\(encoder, inputs="):
        SMOTEDataset(tokens(), features=table)
    told = BatchedFeatures(table, inputs=lambda item: item["input_ids"], progress=False)
    with pytest.warns(DataWarning, match="nothing is interpolated"):
        data = SMOTEDataset(tokens(), features=told)
    assert same(data[N + 1], tokens()[data.provenance(N + 1).base])


def test_random_over_sampling_repeats_and_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = SMOTEDataset(tokens(), RandomOverSampler(), features=X)
    assert same(data[N + 1], tokens()[data.provenance(N + 1).base])


def test_categories_are_voted_without_a_floating_leaf():
    codes = IDS % 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = SMOTEDataset(
            TensorDataset(codes, Y), SMOTE(k_neighbors=3), features=X, categorical=[0], targets=Y
        )
    made = torch.stack([data[index][0] for index in range(N, len(data))])
    own = codes[[data.provenance(index).base for index in range(N, len(data))]]
    assert made.unique().tolist() == [0, 1, 2, 3]
    assert not torch.equal(made, own)


def test_soft_labels_are_refused_where_nothing_is_mixed():
    with pytest.raises(ValueError, match=r"soft_labels.*none besides the label.*repeats"):
        SMOTEDataset(tokens(), features=X, soft_labels=True, num_classes=2)
