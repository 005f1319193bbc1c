"""SMOTEDataset over a TensorDict or tensorclass: the same rows, whole batches, and the structure kept."""

from __future__ import annotations

import pickle
from multiprocessing.reduction import ForkingPickler
from typing import Any

import pytest
import torch
from loop_data import RARE, N, table
from tensordict import LazyStackedTensorDict, MemoryMappedTensor, NonTensorStack, TensorDict, tensorclass
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset

from torchsmote import SMOTE
from torchsmote.data import SMOTEDataset, SMOTESampler, TensorLoader

X, Y = table()
PICKED = [0, 5, N, N + 7, N + 7 + 96, N + 30]  # real and synthetic rows, of two epochs


@tensorclass
class Point:
    x: torch.Tensor
    label: torch.Tensor
    source: str = "somewhere"


def collection() -> TensorDict:
    """Rows with something of everything below them."""
    inner = TensorDict({"steps": X.reshape(N, 2, 2) * 3, "time": torch.arange(2 * N).reshape(N, 2)}, [N, 2])
    names = NonTensorStack(*(f"row {row}" for row in range(N)))
    return TensorDict({"name": names, "x": X, "inner": inner, "label": Y, "id": torch.arange(N)}, [N])


def always(rows: torch.Tensor) -> torch.Tensor:
    return torch.ones(len(rows), dtype=torch.bool)


def point() -> Any:
    return Point(x=X, label=Y, batch_size=[N])


def build(dataset: Any, **given: Any) -> SMOTEDataset:
    return SMOTEDataset(dataset, SMOTE(k_neighbors=3), **given)


@pytest.fixture
def plain():
    return build(TensorDataset(X, Y))


def test_rows_are_those_of_a_tensor_dataset(plain, device):
    data = build(collection().to(device))
    want = torch.stack([plain[index][0] for index in PICKED])
    torch.testing.assert_close(data.__getitems__(PICKED)["x"].cpu(), want, rtol=1e-6, atol=1e-6)
    assert data.targets.tolist() == plain.targets.tolist()


def test_every_floating_leaf_is_mixed_and_the_rest_is_the_base_items():
    given = collection()
    data = build(given)
    made = data.__getitems__(PICKED)
    base, neighbor, step = data.provenance(PICKED)
    own, other = given[base]["inner", "steps"], given[neighbor]["inner", "steps"]
    torch.testing.assert_close(made["inner", "steps"], own + step.float()[:, None, None] * (other - own))
    assert torch.equal(made["inner", "time"], given[base]["inner", "time"])
    assert torch.equal(made["id"], base)
    assert torch.equal(made["label"], Y[base])
    assert list(made["name"]) == [f"row {row}" for row in base.tolist()]


def test_structure_is_kept_in_batches_and_items():
    data = build(collection())
    made, item = data.__getitems__(PICKED), data[N + 1]
    assert (made.batch_size, made["inner"].batch_size) == ((len(PICKED),), (len(PICKED), 2))
    assert (item.batch_size, item["inner"].batch_size) == ((), (2,))
    assert (data[3] == collection()[3]).all()
    assert set(item.keys(True, True)) == set(data[3].keys(True, True))
    assert not made.is_locked


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("collate", [None, lambda batch: batch], ids=["default", "as it is"])
@pytest.mark.parametrize(
    "dataset",
    [collection, point, lambda: Subset(collection(), range(N))],
    ids=["tensordict", "class", "subset"],
)
@pytest.mark.global_rng
def test_loaders_give_batches_of_the_same_kind(dataset, collate, workers, plain):
    data = build(dataset())
    kind = Point if dataset is point else TensorDict
    loader = DataLoader(data, 40, sampler=SMOTESampler(data), collate_fn=collate, num_workers=workers)
    order = list(SMOTESampler(data))
    batches = list(loader)
    assert [type(batch) for batch in batches] == [kind] * 3
    assert [batch.batch_size for batch in batches] == [(40,), (40,), (16,)]
    want = torch.stack([plain[index][0] for index in order])
    assert torch.equal(torch.cat([batch.get("x") for batch in batches]), want)
    if kind is Point:
        assert batches[0].source == "somewhere"


def test_a_subset_reads_its_own_rows():
    rows = list(range(N - 1, 9, -1))
    data, want = build(Subset(collection(), rows)), build(TensorDataset(X[rows], Y[rows]))
    last = len(want) - 1
    assert torch.equal(data[last]["x"], want[last][0])
    assert data[last]["id"] == rows[data.provenance(last).base]
    assert data[2]["id"] == rows[2]
    base = data.provenance([2, last]).base.tolist()
    assert list(data.__getitems__([2, last])["name"]) == [f"row {rows[row]}" for row in base]


def test_memory_mapped_tensors_are_read_where_they_lie(tmp_path, plain):
    data = build(collection().memmap_(tmp_path))
    assert torch.equal(data[N + 4]["x"], plain[N + 4][0])
    assert isinstance(data.source.leaf(0), MemoryMappedTensor)
    made = data.__getitems__(PICKED)
    made["x"].zero_()
    assert torch.equal(data.dataset["x"], X)


@pytest.mark.parametrize("resampler", [SMOTE(k_neighbors=3), SMOTE(k_neighbors=3, constraint=always)])
def test_memory_mapped_tensors_are_sent_to_workers_as_their_files(resampler, tmp_path):
    data = SMOTEDataset(collection().memmap_(tmp_path), resampler)
    other = pickle.loads(ForkingPickler.dumps(data))  # as a spawned process gets it
    assert isinstance(other.source.leaf(0), MemoryMappedTensor)
    assert torch.equal(other[N + 4]["x"], data[N + 4]["x"])


@pytest.mark.parametrize("dataset", [collection, point], ids=["tensordict", "class"])
def test_a_tensor_loader_gives_what_a_data_loader_gives(dataset):
    data = build(dataset())
    loader = DataLoader(data, 40, sampler=SMOTESampler(data), generator=torch.Generator())
    for a, b in zip(TensorLoader(data, 40), loader, strict=True):
        assert type(a) is type(b)
        assert a.batch_size == b.batch_size
        assert torch.equal(a.get("x"), b.get("x"))


def test_batches_are_made_on_the_device(device):
    batch = next(iter(TensorLoader(build(collection()), 40, device=device)))
    assert {values.device.type for values in batch.values(True, True)} == {device.type}


def test_soft_labels_provenance_and_categories():
    given = collection()
    given["city"] = torch.arange(N) % 3
    data = build(
        given,
        soft_labels=True,
        num_classes=2,
        return_provenance=True,
        categorical=["city", ("inner", "time")],
    )
    times = given["inner", "time"]
    want = build(TensorDataset(X, times, given["city"], Y), categorical=[1, 2])
    made = data.__getitems__(PICKED)
    assert torch.equal(made["city"], torch.stack([want[index][2] for index in PICKED]))
    assert torch.equal(made["inner", "time"], torch.stack([want[index][1] for index in PICKED]))
    assert made["label"].tolist() == torch.nn.functional.one_hot(Y[made["provenance", "base"]], 2).tolist()
    assert made["provenance"].batch_size == (len(PICKED),)
    assert data[N + 2]["provenance"]["step"] == data.provenance(N + 2).step
    assert data[1]["provenance"]["base"] == 1


def test_labels_may_be_given_and_features_computed_of_an_item(plain):
    without = collection().exclude("label")
    data = build(without, targets=Y, features=lambda item: item["x"] * 1)
    assert torch.equal(data[N + 3]["x"], plain[N + 3][0])
    for features in (lambda item: item.x * 1, torch.nn.Identity()):
        data = build(point(), features=features)
        assert torch.equal(data[N + 3].x, plain[N + 3][0])
    data = build(collection(), features=torch.nn.Identity())
    assert torch.equal(data[N + 3]["x"], plain[N + 3][0])


class Tracks(Dataset[Any]):
    """Items that are TensorDicts with a batch dimension of their own."""

    def __len__(self) -> int:
        return N

    def __getitem__(self, row: int) -> Any:
        return TensorDict({"x": X[row], "inner": TensorDict({"a": X[row]}, [4]), "y": Y[row : row + 1]}, [])


def test_a_dataset_whose_items_are_tensordicts():
    item = build(Tracks())[N + 2]
    assert (type(item), item["inner"].batch_size) == (TensorDict, (4,))
    assert torch.equal(item["x"], item["inner", "a"])


@pytest.mark.parametrize(
    ("dataset", "given", "error", "facts"),
    [
        (TensorDict({"x": X, "label": Y}), {}, ValueError, r"batch_size=\[\].*batch_size = \[n\]"),
        (TensorDict({"name": NonTensorStack("a", "b")}, [2]), {}, ValueError, "holds no tensor"),
        (LazyStackedTensorDict(*collection()[:9].unbind(0)), {}, TypeError, r"Lazy.*contiguous\(\)"),
        (collection().exclude("label", "id"), {}, ValueError, "label.*targets"),
        (point(), {"return_provenance": True}, ValueError, r"tensorclass.*provenance\(index\)"),
        (collection().set("provenance", Y), {"return_provenance": True}, ValueError, "'provenance'.*rename"),
        (collection(), {"categorical": ["x"]}, TypeError, r"leaf\['x'\].*float32"),
        (collection(), {"categorical": ["nothing"]}, ValueError, "'nothing'.*keys"),
        (TensorDict({"a": Y, "label": Y}, [N]), {}, ValueError, "floating.*int64.*`features`"),
        (collection()[:0], {}, ValueError, "empty"),
    ],
)
def test_what_is_refused(dataset, given, error, facts):
    with pytest.raises(error, match=facts):
        build(dataset, **given)


def test_rare_rows_are_the_ones_made():
    assert build(collection()).n_synthetic == N - 2 * RARE
