"""Features that an encoder computes in batches, and their cache on the disk."""

from __future__ import annotations

import errno
import random
import resource
import warnings

import numpy as np
import pytest
import torch
from loop_data import table, tensors
from safetensors import SafetensorError
from torch import nn
from torch.utils.data import TensorDataset

from torchsmote import SMOTE, BatchedFeatures, DataWarning, IncrementalNeighbors, SMOTEDataset
from torchsmote.data import features_cache as cache_module

N, RARE = 60, 12


class Pictures:
    """The interface of a torchvision dataset: arrays (28 x 28 in small), transforms, ``targets``."""

    def __init__(self, transform=None, target_transform=None):
        generator = np.random.default_rng(0)
        self.data = generator.integers(0, 256, (N, 6, 6), dtype=np.uint8)
        self.targets = [int(row < RARE) for row in range(N)]
        self.transform, self.target_transform = transform, target_transform

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        image, target = self.data[index], self.targets[index]
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


def to_tensor(image):
    return torch.from_numpy(image).float().div(255).unsqueeze(0)


def flip_at_random(image):
    return to_tensor(image).flip(2) if torch.rand(()) < 0.5 else to_tensor(image)


class Encoder(nn.Module):
    """Layers that tell train mode from eval mode, and a list of what it was called with."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng([]):
            torch.manual_seed(0)
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(36, 8), nn.BatchNorm1d(8), nn.Dropout(0.5))
        self.seen = []

    def forward(self, x):
        self.seen.append((len(x), self.training, torch.is_grad_enabled()))
        return self.body(x)

    def encode(self, x):
        return self(x)


def neighbors(data):
    return data.provenance(range(N, len(data))).neighbor


def expected(encoder, pictures):
    twin = Encoder()
    twin.load_state_dict(encoder.state_dict())
    with torch.no_grad():
        rows = twin.eval()(torch.stack([pictures[row][0] for row in range(N)]))
    return neighbors(SMOTEDataset(pictures, SMOTE(k_neighbors=3), features=rows))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda encoder: encoder,
        lambda encoder: BatchedFeatures(encoder, batch_size=16, progress=False),
        lambda encoder: BatchedFeatures(encoder.encode, batch_size=16, progress=False),
        lambda encoder: BatchedFeatures(nn.DataParallel(encoder), batch_size=16, num_workers=1),
        lambda encoder: BatchedFeatures(encoder, inputs=lambda item: item[0], batch_size=N),
    ],
    ids=["module", "batches", "method", "wrapped", "inputs"],
)
def test_a_module_encodes_batches_in_eval_mode_and_stays_as_it_was(wrap):
    encoder, pictures = Encoder(), Pictures(to_tensor, target_transform=lambda target: target * 2)
    state = {name: value.clone() for name, value in encoder.state_dict().items()}
    data = SMOTEDataset(pictures, SMOTE(k_neighbors=3), features=wrap(encoder))
    assert torch.equal(neighbors(data), expected(encoder, pictures))
    assert data[0][1] == 2  # transforms are the items'
    assert sum(count for count, *_ in encoder.seen) == N
    assert len(encoder.seen) <= 4
    assert not any(training or grad for _, training, grad in encoder.seen)
    assert encoder.training
    assert encoder.body.training
    assert all(torch.equal(state[name], value) for name, value in encoder.state_dict().items())


def test_an_encoder_on_the_device(device):
    X, y = table()
    with torch.random.fork_rng([]):
        encoder = nn.Linear(4, 2).to(device)
    data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3), features=encoder)
    with torch.no_grad():
        rows = encoder(X.to(device)).cpu()
    assert torch.equal(neighbors(data), neighbors(tensors(features=rows)))


@pytest.mark.global_rng  # the transform draws from it, wherever else an item is read
def test_random_transforms_give_the_same_features_each_time():
    made = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        data = SMOTEDataset(Pictures(flip_at_random), SMOTE(k_neighbors=3), features=Encoder())
        made.append(neighbors(data))
    assert torch.equal(*made)


def test_a_function_of_a_batch():
    pictures, sizes = Pictures(to_tensor), []

    def pooled(batch):
        sizes.append(len(batch))
        return batch.mean(2)

    data = SMOTEDataset(pictures, SMOTE(k_neighbors=3), features=BatchedFeatures(pooled, batch_size=50))
    assert sizes == [50, 10]
    one_by_one = SMOTEDataset(pictures, SMOTE(k_neighbors=3), features=lambda item: item[0].mean(1))
    assert torch.equal(neighbors(data), neighbors(one_by_one))


@pytest.mark.parametrize(
    ("given", "error", "facts"),
    [
        ({"encoder": 3}, TypeError, "encoder.*int"),
        ({"inputs": 3}, TypeError, "inputs.*int"),
        ({"batch_size": 0}, ValueError, "batch_size.*0"),
        ({"num_workers": -1}, ValueError, "num_workers.*-1"),
        ({"num_workers": None}, TypeError, "num_workers.*None"),
        ({"device": "gpu"}, ValueError, "device.*gpu"),
        ({"encoder": lambda batch: batch.argmax(1)}, TypeError, "floating.*int64"),
        ({"encoder": lambda batch: [batch]}, TypeError, "floating.*list"),
        ({"encoder": lambda batch: batch[1:]}, ValueError, "32 items.*31"),
        ({"encoder": lambda batch: batch[:, 0, :, : 1 + len(batch) // 32]}, ValueError, "ragged.*6.*12"),
        ({"inputs": lambda item: torch.zeros(1 + item[1])}, ValueError, "ragged.*items 0 to 31"),
    ],
)
def test_encoders_that_do_not_fit(given, error, facts):
    arguments = {"encoder": Encoder(), "batch_size": 32, "progress": False, **given}
    with pytest.raises(error, match=facts):
        SMOTEDataset(Pictures(to_tensor), SMOTE(k_neighbors=3), features=BatchedFeatures(**arguments))


# The cache


def build(path, encoder=None, pictures=None, **given):
    """A dataset whose features are cached, and how many items were encoded for it."""
    encoder = Encoder() if encoder is None else encoder
    encoder.seen.clear()
    pictures = Pictures(to_tensor) if pictures is None else pictures
    features = BatchedFeatures(encoder, batch_size=16, progress=False, **given)
    data = SMOTEDataset(pictures, SMOTE(k_neighbors=3), features=features, features_cache=path)
    return data, sum(count for count, *_ in encoder.seen)


PROBED = 3  # items that are encoded again, to see whether the file still fits


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "features.safetensors"


def test_features_are_computed_once(path):
    first, encoded = build(path)
    assert encoded == N + PROBED
    second, encoded = build(path)
    assert encoded == PROBED
    assert torch.equal(neighbors(first), neighbors(second))
    assert torch.equal(neighbors(first), expected(Encoder(), Pictures(to_tensor)))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_functions_of_an_item_and_items_themselves_are_kept_too(path, tmp_path):
    asked = []
    pictures = Pictures(lambda image: asked.append(0) or to_tensor(image))
    for features, file in ((lambda item: item[0][0, 0], path), (None, tmp_path / "leaves")):
        made = []
        for _ in range(2):
            asked.clear()
            data = SMOTEDataset(pictures, SMOTE(k_neighbors=3), features=features, features_cache=file)
            made.append((neighbors(data), len(asked)))
        assert torch.equal(made[0][0], made[1][0])
        assert made[0][1] > N > made[1][1]


def flip_a_byte(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def as_integers(path):
    path.write_bytes(path.read_bytes().replace(b'"F32"', b'"I32"'))


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: flip_a_byte(path, -1),
        lambda path: flip_a_byte(path, -400),
        lambda path: flip_a_byte(path, 3),
        lambda path: flip_a_byte(path, 40),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("another file altogether"),
        as_integers,
    ],
    ids=["last byte", "a byte", "length", "header", "truncated", "empty", "foreign", "dtype"],
)
def test_a_damaged_file_is_made_anew_and_said_so(path, harm):
    whole, _ = build(path)
    harm(path)
    with pytest.warns(DataWarning, match="features_cache.*anew"):
        data, encoded = build(path)
    assert encoded == N + PROBED
    assert torch.equal(neighbors(data), neighbors(whole))
    assert build(path)[1] == PROBED


def moved(encoder):
    with torch.no_grad():
        encoder.body[1].weight[0, 0] += 1e-4
    return encoder


def shorter():
    pictures = Pictures(to_tensor)
    pictures.data, pictures.targets = pictures.data[1:], pictures.targets[1:]
    return pictures


def other_last_item():
    pictures = Pictures(to_tensor)
    pictures.data[N - 1, 0, 0] ^= 1
    return pictures


class Other(Encoder):
    pass


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"encoder": moved(Encoder())}, "parameters"),
        ({"encoder": Other()}, "Encoder.*Other"),
        ({"pictures": shorter()}, "60 items, not 59"),
        ({"pictures": other_last_item()}, "other items"),
        ({"inputs": lambda item: item[0] + 1}, "does not give any more"),
    ],
    ids=["weights", "encoder", "length", "items", "inputs"],
)
def test_a_file_of_something_else_is_made_anew_and_said_so(path, given, facts):
    build(path)
    with pytest.warns(DataWarning, match=facts):
        _, encoded = build(path, **given)
    assert encoded > PROBED
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert build(path, **given)[1] == PROBED


def test_a_run_that_is_interrupted_leaves_no_half_file(path):
    class Interrupted(Encoder):
        def forward(self, x):
            if len(self.seen) == 3:
                raise KeyboardInterrupt
            return super().forward(x)

    encoder = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        build(path, encoder)
    assert not path.exists()
    assert encoder.training


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def broken(*_):
    raise SafetensorError("I/O error: No space left on device (os error 28)")


@pytest.mark.parametrize("failing", [full, broken])
@pytest.mark.parametrize("before", [False, True])
def test_a_disk_that_is_full_costs_the_cache_and_nothing_else(path, monkeypatch, failing, before):
    if before:
        build(path)
    content = path.read_bytes() if before else None
    monkeypatch.setattr(cache_module, "save_file", failing)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data, _ = build(path, moved(Encoder()))
    assert "No space left" in str(caught[-1].message)
    assert [warning.category for warning in caught] == [DataWarning] * (1 + before)
    assert torch.equal(neighbors(data), expected(moved(Encoder()), Pictures(to_tensor)))
    assert (path.read_bytes() if path.exists() else None) == content
    assert len(list(path.parent.iterdir())) == before


def test_a_file_that_outgrows_what_the_system_allows(path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))  # bytes: a real write that stops half way
    try:
        with pytest.warns(DataWarning, match="could not be written"):
            build(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "facts"),
    [({}, "rows of the dataset"), ({"features": torch.zeros(N, 2)}, "values")],
    ids=["leaf", "tensor"],
)
def test_a_cache_of_nothing_computed(given, facts, path):
    with pytest.raises(ValueError, match=f"features_cache.*{facts}"):
        tensors(features_cache=path, **given)


def test_a_folder_is_no_cache(tmp_path):
    with pytest.raises(ValueError, match="folder"):
        build(tmp_path)


@pytest.mark.parametrize(
    "features", [None, nn.Flatten(), lambda item: item[0].flatten()], ids=["none", "module", "item"]
)
@pytest.mark.parametrize(
    "make",
    [SMOTEDataset, lambda items, **given: IncrementalNeighbors(**given).dataset(items)],
    ids=["one", "growing"],
)
def test_items_that_draw_when_they_are_read_draw_nothing_of_training(make, features):
    pictures = Pictures(lambda image: to_tensor(image) + torch.rand(1) * np.random.rand() * random.random())
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    tables = [make(pictures, features=features).recipe.table for _ in range(2)]
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before[1:]
    assert torch.equal(*tables)
