"""Batches of any structure, DataLoaders, and bad input of the mixing modules."""

from collections import namedtuple

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset, default_collate

from torchsmote import BalancedMixUp, MAMix, MixUp, Remix, SMOTEMixUp

X = torch.eye(8)
Y = torch.tensor([0, 0, 0, 0, 1, 1, 2, 2])
MIXED = MixUp(num_classes=3)(X, Y)
Pair = namedtuple("Pair", ["image", "label"])


def mixed(batch, getter="default"):
    return MixUp(num_classes=3, labels_getter=getter)(batch)


def check(x, y):
    assert torch.equal(x, MIXED[0])
    assert torch.equal(y, MIXED[1])


def test_tuple_list_and_namedtuple():
    for kind in (tuple, list):
        got = mixed(kind([X, Y]))
        assert type(got) is kind
        check(*got)
    got = mixed(Pair(X, Y))
    assert type(got) is Pair
    check(*got)


@pytest.mark.parametrize("key", ["y", "target", "targets", "label", "labels"])
def test_mapping_with_a_key_of_labels(key):
    names = ["a"] * 8
    got = mixed({"names": names, key: Y, "image": X})
    assert list(got) == ["names", key, "image"]
    assert got["names"] == names
    check(got["image"], got[key])


def test_nested_batches_and_leaves_that_stay():
    ids, scale = torch.arange(8), torch.tensor(2.0)
    got = mixed([{"image": X, "id": ids}, {"id": ids, "labels": Y}, (X.double(), "kept", None, scale)])
    check(got[0]["image"], got[1]["labels"])
    assert got[0]["id"] is ids
    assert got[1]["id"] is ids
    torch.testing.assert_close(got[2][0], MIXED[0].double())
    assert got[2][1:3] == ("kept", None)
    assert got[2][3] is scale


def test_a_getter_says_where_labels_are():
    got = mixed({"x": X, "meta": {"kind": Y}}, lambda batch: batch["meta"]["kind"])
    check(got["x"], got["meta"]["kind"])
    x, extra, y = MixUp(num_classes=3, labels_getter=lambda batch: batch[2])(X, X, Y)
    check(x, y)
    assert torch.equal(extra, x)


def test_no_labels():
    for module in (MixUp(num_classes=3, labels_getter=None), SMOTEMixUp(num_classes=3, labels_getter=None)):
        got = module(X)
        assert not torch.equal(got, X)
        first, second = module(X, Y)
        assert second is Y
        assert not torch.equal(first, X)


def test_soft_labels_keep_their_precision():
    soft = torch.nn.functional.one_hot(Y, 3).double()
    assert mixed((X, soft))[1].dtype == torch.float64
    assert mixed((X, soft.half()))[1].dtype == torch.float32


def test_mixing_in_collate_fn():
    mix = MixUp(num_classes=3)
    loader = DataLoader(
        TensorDataset(X, Y),
        batch_size=8,
        collate_fn=lambda items: mix(default_collate(items)),
        generator=torch.Generator(),
    )
    check(*next(iter(loader)))


class _Collate:
    def __init__(self):
        self.mix = MixUp(num_classes=3)

    def __call__(self, items):
        return self.mix(default_collate(items))


def test_workers_and_epochs_draw_apart_and_can_be_repeated():
    same = TensorDataset(X.repeat(4, 1), Y.repeat(4))

    def epochs(seed):
        loader = DataLoader(
            same, 8, num_workers=2, collate_fn=_Collate(), generator=torch.Generator().manual_seed(seed)
        )
        return [x for _ in range(2) for x, _ in loader]

    first, again, other = epochs(0), epochs(0), epochs(1)
    assert all(torch.equal(left, right) for left, right in zip(first, again, strict=True))
    different = torch.stack([*first, *other]).flatten(1)
    assert len(different.unique(dim=0)) == 16


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"num_classes": 0}, ValueError, "`num_classes` must be at least 1"),
        ({"num_classes": 2.0}, TypeError, "`num_classes` must be an int"),
        ({"alpha": 0}, ValueError, "`alpha` must be finite and above 0, got 0"),
        ({"alpha": float("nan")}, ValueError, "`alpha`"),
        ({"alpha": "1"}, TypeError, "`alpha` must be a number, got str"),
        ({"labels_getter": "y"}, ValueError, '`labels_getter` must be "default", a callable or None'),
        ({"seed": -1}, ValueError, "`seed`"),
    ],
)
def test_bad_arguments(options, error, match):
    with pytest.raises(error, match=match):
        MixUp(**{"num_classes": 3, **options})


@pytest.mark.parametrize("cls", [Remix, MAMix])
def test_counts_are_needed_and_checked(cls):
    for counts, error, match in [
        (None, TypeError, "`class_counts` is needed"),
        ([5, 0, 1], ValueError, "`class_counts` must be at least 1 for every class"),
        ([5, 1], ValueError, "`class_counts` must have shape"),
        ("abc", TypeError, "`class_counts` must be a sequence of whole numbers"),
    ]:
        with pytest.raises(error, match=match):
            cls(num_classes=3, class_counts=counts)
    with pytest.raises(ValueError, match=r"`labels_getter` must not be None: .* reads the classes"):
        cls(num_classes=3, class_counts=[1, 1, 1], labels_getter=None)


def test_other_bad_arguments():
    with pytest.raises(ValueError, match="`kappa` must be finite and at least 1"):
        Remix(num_classes=2, class_counts=[1, 1], kappa=0.5)
    with pytest.raises(ValueError, match=r"`tau` must be in \[0, 1\]"):
        Remix(num_classes=2, class_counts=[1, 1], tau=1.5)
    with pytest.raises(ValueError, match="`k` must be at least 1"):
        SMOTEMixUp(num_classes=2, k=0)
    with pytest.raises(ValueError, match="`labels_getter` must not be None"):
        BalancedMixUp(num_classes=2, labels_getter=None)


@pytest.mark.parametrize(
    ("batch", "error", "match"),
    [
        ((X, Y + 1), ValueError, r"`batch\[1\]` must be in \[0, 3\), got 3"),
        ((X, Y - 1), ValueError, "got -1"),
        ((X, Y[:7]), ValueError, r"must have shape \(b,\), one class a row with b=8, got \(7,\)"),
        ((X, Y.int()), TypeError, r"int64.*got torch.int32; convert classes with .long\(\)"),
        ((X, Y.tolist()), TypeError, "must be a tensor of labels, got int"),
        ((X, X), ValueError, r"must have shape \(b, 3\), shares of each class with b=8, got \(8, 8\)"),
        ((X, torch.ones(8, 3)), ValueError, "sum to 1, but row 0 has"),
        ((X.long(), Y), ValueError, "a batch to be mixed needs a floating leaf .* convert the features"),
        ((X.numpy(), Y), TypeError, r"`batch\[0\]` must be a tensor to be mixed, got ndarray"),
        ((X, Y, X[:3]), ValueError, r"`batch\[2\]` has 3 rows, but `batch\[0\]` has 8"),
        ({"image": X}, ValueError, "no labels found in a batch that is a dict"),
        ({"image": X, "id": Y}, ValueError, "name a key one of y, target"),
        ((X, {"id": Y}), ValueError, "no labels found in a batch that is a tuple"),
        (X, ValueError, "no labels found in a batch that is a Tensor"),
        (({"image": X}, {}), ValueError, "no labels found"),
    ],
)
def test_bad_batches(batch, error, match):
    with pytest.raises(error, match=match):
        mixed(batch)


def test_bad_calls():
    with pytest.raises(TypeError, match="MixUp needs a batch"):
        MixUp(num_classes=3)()
    with pytest.raises(ValueError, match="`labels_getter` returned a Tensor that is no leaf of the batch"):
        mixed((X, Y), lambda batch: batch[1] + 0)


def test_numpy_arrays_stay():
    array = np.ones(8)
    assert mixed((X, Y, array))[2] is array


def test_repr_says_how_it_was_made():
    shown = repr(Remix(num_classes=2, class_counts=[9, 1], seed=4))
    assert shown == "Remix(num_classes=2, alpha=1.0, labels_getter='default', seed=4, kappa=3.0, tau=0.5)"
