"""SMOTEDataset: which row an index means, what a row holds, and that it depends on nothing else."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from loop_data import RARE, D, Items, N, Point, same, table, tensors
from torch.utils.data import Subset, TensorDataset, default_collate

from torchsmote import ADASYN, SMOTE, BorderlineSMOTE, RandomOverSampler
from torchsmote.data import Provenance, SMOTEDataset
from torchsmote.data.batch import Batch

NEW = N - 2 * RARE
FORMS = [
    "tuple",
    "list",
    "named",
    "dict",
    "nested",
    "numpy",
    "numbers",
    "image",
    "float label",
    "tensor label",
]


def items(form="tuple", **given):
    return SMOTEDataset(Items(form), SMOTE(k_neighbors=3), **given)


def features_of(item):
    """The first floating leaf of any of the forms, as a flat tensor."""
    while not isinstance(item, (torch.Tensor, np.ndarray)):
        item = next(iter(item.values())) if isinstance(item, dict) else item[0]
    return torch.as_tensor(item).flatten()


def test_length_and_targets():
    data = tensors()
    assert (data.n_real, data.n_synthetic, len(data)) == (N, NEW, N + NEW)
    assert data.targets.bincount().tolist() == [N - RARE, N - RARE]
    assert torch.equal(data.targets[:N], table()[1])
    assert data.targets.dtype == torch.int64


@pytest.mark.parametrize("form", FORMS)
def test_real_rows_are_the_wrapped_items(form):
    data = items(form)
    for row in (0, 7, N - 1):
        assert same(data[row], data.dataset[row])
    one = Items()
    kept = [one[i] for i in range(N)]
    assert SMOTEDataset(kept, SMOTE(k_neighbors=3))[5] is kept[5]


@pytest.mark.parametrize("form", FORMS)
def test_synthetic_rows_mix_base_and_neighbor(form):
    data = items(form)
    X, y = table()
    for row in (N, N + 5, len(data) - 1):
        item, origin = data[row], data.provenance(row)
        base = data.dataset[origin.base]
        assert type(item) is type(base)
        want = torch.lerp(X[origin.base], X[origin.neighbor], torch.tensor(origin.step))
        torch.testing.assert_close(features_of(item), want)
        assert y[origin.base] == y[origin.neighbor] == 1
        assert 0 <= origin.step < 1


def test_other_leaves_come_from_the_base():
    data = items("nested")
    row = N + 3
    origin = data.provenance(row)
    (parts, label) = data[row]
    assert parts["b"][1] == origin.base
    assert label == 1
    torch.testing.assert_close(parts["b"][0], 2 * parts["a"])
    numbers = items("numbers")[row]
    assert numbers[4] == "name"
    assert numbers[2] == pytest.approx(float(numbers[0][0]), abs=1e-6)
    assert type(numbers[3]) is np.float32


@pytest.mark.parametrize("label", ["tensor", "column", "float"])
def test_float_labels_in_tensors_are_never_mixed(label):
    X, y = table()
    y = {"tensor": y, "column": y.float()[:, None], "float": y.float()}[label]
    data = SMOTEDataset(TensorDataset(X, y), BorderlineSMOTE(k_neighbors=3, kind="borderline-2"))
    labels = data.__getitems__(list(range(N, len(data)))).stacks[1]
    assert labels.dtype == y.dtype
    assert labels.shape[1:] == y.shape[1:]
    assert (labels == 1).all()


@pytest.mark.parametrize("form", FORMS)
def test_tensors_and_items_give_the_same_rows(form):
    a, b = tensors(seed=3), items(form, seed=3)
    for index in (N, N + 9, 4 * len(a) + N + 2):
        torch.testing.assert_close(a[index][0], features_of(b[index]), rtol=0, atol=0)
        assert a.provenance(index) == b.provenance(index)


@pytest.mark.parametrize("make", [tensors, items])
def test_rows_are_functions_of_seed_epoch_and_row(make):
    data, again, other = make(seed=5), make(seed=5), make(seed=6)
    length = len(data)
    order = np.random.default_rng(0).permutation(np.arange(N, length))
    first = {row: data[length + int(row)][0] for row in order}
    for row in range(N, length):
        assert torch.equal(again[length + row][0], first[row])
        assert not torch.equal(other[length + row][0], first[row])
        assert not torch.equal(again[row][0], first[row])
        assert not torch.equal(again[2 * length + row][0], first[row])


def test_whole_batches_equal_single_items():
    for data in (tensors(), items("dict"), items("named"), items("list")):
        wanted = [0, len(data) + N + 1, N, 3, 2 * len(data) + 2, -1, N]
        together = data.__getitems__(wanted)
        for index, item in zip(wanted, together, strict=True):
            assert same(tuple(item) if isinstance(together, Batch) else item, data[index])


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor])
def test_batches_take_any_list_of_indices(kind):
    data = tensors()
    batch = data.__getitems__(kind([N, 2, N + 1]))
    assert len(batch) == 3
    assert same(tuple(batch[0]), data[N])
    assert len(data.__getitems__([])) == 0


def test_negative_indices_count_from_the_end_of_epoch_0():
    data = tensors()
    length = len(data)
    assert same(data[-1], data[length - 1])
    assert same(data[-length], data[0])
    assert same(tuple(data.__getitems__([5, -1])[1]), data[length - 1])


@pytest.mark.parametrize("read", [lambda d, i: d[i], lambda d, i: d.__getitems__([0, i])])
def test_indices_out_of_range(read):
    data = tensors()
    with pytest.raises(IndexError, match=f"-{len(data) + 1}.*{len(data)}"):
        read(data, -len(data) - 1)
    for row in (0, N):
        with pytest.raises(IndexError, match="epoch 4294967296"):
            read(data, len(data) * 2**32 + row)
        read(data, len(data) * (2**32 - 1) + row)


def test_indices_must_be_whole_numbers():
    data = tensors()
    assert same(data[np.int64(N)], data[N])
    assert same(data[torch.tensor(N)], data[N])
    with pytest.raises(TypeError, match="Subset"):
        data[1:3]
    with pytest.raises(TypeError):
        data[1.0]


@pytest.mark.parametrize("make", [tensors, items])
def test_iterating_ends_after_one_epoch(make):
    data = make()
    rows = list(data)
    assert len(rows) == len(data)
    assert same(rows[-1], data[len(data) - 1])


def test_set_epoch_moves_indices_below_len_only():
    data, plain = tensors(), tensors()
    length = len(data)
    data.set_epoch(3)
    assert same(data[N], plain[3 * length + N])
    assert same(data[-1], plain[4 * length - 1])
    assert same(data[length + N], plain[length + N])
    assert same(tuple(data.__getitems__([N, length + N])[0]), plain[3 * length + N])
    assert same(tuple(data.__getitems__([N, length + N])[1]), plain[length + N])
    data.set_epoch(0)
    assert same(data[N], plain[N])
    for wrong in (-1, 2**32):
        with pytest.raises(ValueError, match=f"epoch.*{wrong}"):
            data.set_epoch(wrong)


def test_inf_and_nan_in_other_leaves_of_real_rows_stay():
    X, y = table()
    extra = torch.zeros(N, 2)
    extra[y == 0] = torch.tensor([float("inf"), float("nan")])
    data = SMOTEDataset(TensorDataset(X, y, extra), SMOTE(k_neighbors=3))
    stacks = data.__getitems__(list(range(len(data)))).stacks
    assert torch.equal(stacks[2][:N].isinf(), extra.isinf())
    assert torch.equal(stacks[2][:N].isnan(), extra.isnan())
    assert torch.equal(stacks[2][N:], torch.zeros(len(data) - N, 2))


def test_negative_zeros_of_real_rows_stay():
    X, y = table()
    X[:, 0] = -0.0
    data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3))
    assert data.__getitems__(list(range(len(data)))).stacks[0][:N, 0].signbit().all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_dtypes(dtype):
    X, y = table(dtype=dtype)
    data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3))
    batch = data.__getitems__(list(range(len(data)))).stacks
    origin = data.provenance(range(len(data)))
    assert batch[0].dtype == dtype
    assert torch.equal(batch[0][:N], X)
    want = torch.lerp(X[origin.base], X[origin.neighbor], origin.step.to(dtype)[:, None])
    assert torch.equal(batch[0][N:], want[N:])


def test_tensors_that_numpy_cannot_read_in_place():
    X, y = table()
    wide = torch.zeros(N, 2 * D)
    wide[:, ::2] = X
    plain = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3))
    strided = SMOTEDataset(TensorDataset(wide[:, ::2], y), SMOTE(k_neighbors=3))
    learned = SMOTEDataset(TensorDataset(X.clone().requires_grad_(), y), SMOTE(k_neighbors=3))
    for row in (2, N + 2):
        assert same(strided[row], plain[row])
    assert torch.equal(learned[N + 2][0], plain[N + 2][0])


def test_images_keep_their_shape():
    X, y = table()
    data = SMOTEDataset(TensorDataset(X.reshape(N, 1, 2, 2), y), SMOTE(k_neighbors=3))
    assert data[N][0].shape == (1, 2, 2)
    torch.testing.assert_close(data[N][0].flatten(), tensors()[N][0])
    assert data.__getitems__([0, N, 1]).stacks[0].shape == (3, 1, 2, 2)


def test_a_subset_of_tensors_is_made_in_batches_too():
    X, y = table()
    outer = torch.randperm(N, generator=torch.Generator().manual_seed(1))[:50].tolist()
    inner = list(range(0, 50, 1))[::-1]
    subset = Subset(Subset(TensorDataset(X, y), outer), inner)
    rows = torch.tensor(outer)[torch.tensor(inner)]
    data = SMOTEDataset(subset, SMOTE(k_neighbors=3))
    same_rows = SMOTEDataset(TensorDataset(X[rows], y[rows]), SMOTE(k_neighbors=3))
    every = list(range(len(data)))
    assert same(data.__getitems__(every).stacks, same_rows.__getitems__(every).stacks)
    assert same(data[3], subset[3])


def test_features_choose_the_neighbors_and_items_are_mixed():
    X, y = table()
    embedded = torch.randn(N, 7, generator=torch.Generator().manual_seed(2))
    by_tensor = items(features=embedded)
    by_call = items(features=lambda item: embedded[(item[0] == X).all(1).nonzero()[0, 0]])
    wanted = SMOTE(k_neighbors=3).recipe(embedded, y).draw(torch.arange(NEW), seed=0)
    for data in (by_tensor, by_call, tensors(features=embedded), tensors(features=embedded.numpy())):
        assert data.provenance(range(N, len(data))).neighbor.tolist() == wanted.neighbor.tolist()
        assert data[N][0].shape == (D,)


def test_given_targets_rule_and_the_wrapped_datasets_items_are_not_read():
    source = Items("tuple")
    X, _ = table()
    other = torch.zeros(N, dtype=torch.int64)
    other[:20] = 1
    data = SMOTEDataset(source, SMOTE(k_neighbors=3), features=X, targets=other)
    assert source.asked == [0]  # one item, for its structure
    assert data.n_synthetic == 20
    assert set(data.provenance(range(N, len(data))).base.tolist()) <= set(range(20))


@pytest.mark.parametrize("name", ["targets", "labels"])
@pytest.mark.parametrize("kind", [torch.as_tensor, np.asarray, list, lambda v: [int(i) for i in v]])
def test_the_datasets_own_labels_are_used(name, kind):
    source = Items("tuple")
    setattr(source, name, kind(table()[1]))
    data = SMOTEDataset(source, SMOTE(k_neighbors=3), features=table()[0])
    assert source.asked == [0]
    assert data.n_synthetic == NEW
    half = SMOTEDataset(Subset(source, list(range(40))), SMOTE(k_neighbors=3), features=table()[0][:40])
    assert torch.equal(torch.as_tensor(np.asarray(half.targets[:40])), table()[1][:40])


def test_labels_of_any_dtype():
    X, y = table()
    names = np.array(["no", "yes"])[y]
    data = SMOTEDataset(list(zip(X, names, strict=True)), SMOTE(k_neighbors=3))
    assert data[N][1] == "yes"
    assert data.targets.tolist() == names.tolist() + ["yes"] * NEW
    negative = SMOTEDataset(TensorDataset(X, y * -3), SMOTE(k_neighbors=3))
    assert negative.targets.unique().tolist() == [-3, 0]
    boolean = SMOTEDataset(TensorDataset(X, y.bool()), SMOTE(k_neighbors=3))
    assert boolean.targets.dtype == torch.bool


def test_several_classes():
    X, _ = table()
    y = torch.arange(N) % 7 % 3
    data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=3), soft_labels=True, num_classes=4)
    assert len(data.targets.bincount().unique()) == 1
    stacks = data.__getitems__(list(range(len(data)))).stacks
    assert torch.equal(stacks[1].argmax(1), data.targets)
    assert torch.equal(stacks[1].sum(1), torch.ones(len(data)))
    assert stacks[1].shape == (len(data), 4)


def test_soft_labels_mix_by_the_same_step():
    X, y = table()
    given = {"soft_labels": True, "num_classes": 2, "return_provenance": True}
    resampler = BorderlineSMOTE(k_neighbors=5, kind="borderline-2", sampling_strategy={1: 300})
    for wrapped in (TensorDataset(X, y), Items("tuple")):
        data = SMOTEDataset(wrapped, resampler, **given)
        _, soft, origin = default_collate(data.__getitems__(list(range(len(data)))))
        hard = torch.nn.functional.one_hot(y, 2).float()
        want = hard[origin.base].lerp(hard[origin.neighbor], origin.step[:, None])
        torch.testing.assert_close(soft, want, rtol=0, atol=1e-6)
        assert ((soft > 0) & (soft < 1)).any()
        assert soft.dtype == torch.float32
        torch.testing.assert_close(data[N][1], soft[N])
        assert torch.equal(data[0][1], hard[0])


@pytest.mark.parametrize("form", ["tuple", "list", "named", "dict"])
def test_return_provenance_is_last(form):
    data = items(form, return_provenance=True)
    for index in (2, N + 2, len(data) + N + 2):
        item = data[index]
        origin = item["provenance"] if form == "dict" else item[-1]
        assert origin == data.provenance(index)
        assert isinstance(origin, Provenance)
        assert len(item) == len(data.dataset[0]) + 1
    assert list(items("dict", return_provenance=True)[N])[-1] == "provenance"
    with pytest.raises(ValueError, match="provenance"):
        SMOTEDataset(
            [{"x": x, "y": int(y), "provenance": 0} for x, y in zip(*table(), strict=True)],
            SMOTE(k_neighbors=3),
            return_provenance=True,
        )[0]


def test_provenance():
    data = tensors()
    assert data.provenance(3) == Provenance(3, 3, 0.0)
    one = data.provenance(N)
    assert [type(value) for value in one] == [int, int, float]
    several = data.provenance(torch.tensor([3, N]))
    assert several.base.tolist() == [3, one.base]
    assert several.neighbor.tolist() == [3, one.neighbor]
    assert several.step.tolist() == [0.0, one.step]
    assert several.step.dtype == torch.float32
    assert several.base.dtype == several.neighbor.dtype == torch.int64


def test_the_default_collate_takes_batches_as_they_are():
    data = tensors(return_provenance=True)
    wanted = [0, N, 5, N + 7]
    batch = data.__getitems__(wanted)
    fast = default_collate(batch)
    assert fast[0] is batch.stacks[0]
    slow = default_collate([data[index] for index in wanted])
    assert same(fast, slow)
    assert same(default_collate(list(batch)), slow)
    assert same(default_collate([batch[i] for i in range(4)]), slow)


def test_other_collates_see_tuples():
    batch = tensors().__getitems__([0, N, 5])
    xs, _ = zip(*batch, strict=True)
    assert torch.equal(torch.stack(xs), batch.stacks[0])
    assert all(isinstance(row, tuple) and len(row) == 2 for row in batch)
    assert len(batch[1:]) == 2
    assert torch.equal(batch[-1][0], batch.stacks[0][2])
    with pytest.raises(IndexError):
        batch[3]


def test_batches_of_wrapped_datasets_are_used():
    class Batches(Items):
        def __getitems__(self, rows):
            self.asked.append(len(rows))
            return [super(Batches, self).__getitem__(row) for row in rows]

    source = Batches()
    data = SMOTEDataset(source, SMOTE(k_neighbors=3))
    source.asked.clear()
    data.__getitems__([0, N, N + 1])
    assert source.asked[0] == 3 + 2  # each sample's base, and the neighbors of two


def test_refresh_searches_again():
    data = tensors()
    before = data.provenance(range(N, len(data)))
    features = torch.randn(N, 5, generator=torch.Generator().manual_seed(9))
    data.refresh(features)
    after = data.provenance(range(N, len(data)))
    assert torch.equal(before.base, after.base)
    assert not torch.equal(before.neighbor, after.neighbor)
    assert (
        after.neighbor.tolist()
        == tensors(features=features).provenance(range(N, len(data))).neighbor.tolist()
    )
    with pytest.raises(ValueError, match=f"features.*{N}"):
        data.refresh(features[:-1])


def test_the_users_resampler_stays_as_it_was():
    resampler = SMOTE(k_neighbors=3, random_state=7)
    data = SMOTEDataset(TensorDataset(*table()), resampler)
    assert not hasattr(resampler, "classes_")
    assert data.resampler is not resampler
    other = SMOTEDataset(TensorDataset(*table()), SMOTE(k_neighbors=3, random_state=8))
    assert same(data[N], other[N])  # the seed rules, not random_state


@pytest.mark.parametrize(
    "resampler", [None, RandomOverSampler(), ADASYN(n_neighbors=3), BorderlineSMOTE(k_neighbors=3)]
)
def test_every_over_sampler_can_be_drawn_from(resampler):
    data = SMOTEDataset(TensorDataset(*table()), resampler)
    assert data.n_synthetic > 0
    origin = data.provenance(range(len(data)))
    want = torch.lerp(table()[0][origin.base], table()[0][origin.neighbor], origin.step[:, None])
    assert torch.equal(data.__getitems__(list(range(len(data)))).stacks[0], want)


def test_nothing_to_sample():
    X, _ = table()
    data = SMOTEDataset(TensorDataset(X, torch.arange(N) % 2))
    assert len(data) == N
    assert data.__getitems__([0, N + 1, 5]).stacks[0].shape == (3, D)
    assert data.provenance([1]).step.tolist() == [0.0]


def test_constraints_hold_and_rows_stay_pure():
    rule = SMOTE(k_neighbors=3, constraint=lambda rows: rows[:, 0] * 1.7 % 1 < 0.6, max_redraws=60)
    X, y = table()
    data, again = (SMOTEDataset(TensorDataset(X, y), rule) for _ in range(2))
    free = tensors()
    changed = 0
    for epoch in range(3):
        indices = [epoch * len(data) + row for row in range(N, len(data))]
        rows = data.__getitems__(indices).stacks[0]
        assert (rows[:, 0] * 1.7 % 1 < 0.6).all()
        assert torch.equal(torch.stack([again[i][0] for i in reversed(indices)]).flip(0), rows)
        changed += int((free.__getitems__(indices).stacks[0] != rows).any(1).sum())
    assert changed > 0
    never = SMOTE(k_neighbors=3, constraint=lambda rows: rows[:, 0] > 99, max_redraws=2)
    with pytest.raises(ValueError, match="2 of 2"):
        SMOTEDataset(TensorDataset(X, y), never).__getitems__([0, N, N + 1])


@pytest.mark.parametrize("make", [tensors, items])
@pytest.mark.parametrize("copier", [copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))])
def test_copies_make_the_same_rows(make, copier):
    data = make(seed=4)
    data.set_epoch(2)
    data[N]
    other = copier(data)
    for index in (0, N, len(data) + N):
        assert same(other[index], data[index])


def test_a_pickle_holds_no_synthetic_rows():
    data = tensors()
    assert len(data) == N + data.n_synthetic  # a number that the recipe remembers
    before = len(pickle.dumps(data))
    list(data)
    assert len(pickle.dumps(data)) == before


def test_named_items_from_a_list():
    points = [Point(x, int(y)) for x, y in zip(*table(), strict=True)]
    assert type(SMOTEDataset(points, SMOTE(k_neighbors=3))[N]) is Point
