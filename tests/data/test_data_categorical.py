"""Leaves of categories: voted among the base sample's neighbors, by whatever way a row is read."""

from __future__ import annotations

import pickle
from collections import Counter, namedtuple

import numpy as np
import pytest
import torch
from loop_data import D, N, same, table
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset

from torchsmote import (
    EOS,
    SMOTE,
    SMOTEN,
    SMOTENC,
    BorderlineSMOTE,
    GaussianSMOTE,
    PolynomFitSMOTE,
    ProWSyn,
    RandomOverSampler,
)
from torchsmote.data import SMOTEDataset, SMOTESampler, TensorLoader
from torchsmote.data.categorical import categorical_positions
from torchsmote.data.items import target_position

X, Y = table()
GENERATOR = torch.Generator().manual_seed(7)
CODES = torch.randint(-2, 3, (N, 4), generator=GENERATOR)
ONE = torch.randint(0, 3, (N,), generator=GENERATOR, dtype=torch.int32)
K = 5
Row = namedtuple("Row", ["num", "cat", "y"])


def tensors(resampler=None, **given):
    dataset = TensorDataset(X, CODES, Y, ONE)
    return SMOTEDataset(dataset, resampler or SMOTE(k_neighbors=K), categorical=[1, 3], **given)


class Items(Dataset):
    """The same rows as items of several forms."""

    def __init__(self, form):
        self.form = form

    def __len__(self):
        return N

    def __getitem__(self, index):
        x, codes, y, one = X[index], CODES[index], int(Y[index]), int(ONE[index])
        return {
            "tuple": lambda: (x, codes, y, one),
            "named": lambda: Row(x, codes, y),
            "dict": lambda: {"cat": codes.numpy(), "num": x, "one": np.int16(one), "label": y},
            "nested": lambda: ({"num": x, "cat": [codes, one]}, y),
        }[self.form]()


FORMS = {"tuple": [1, 3], "named": ["cat"], "dict": ["one", "cat"], "nested": [(0, "cat")]}
CAT = {  # where each form has the four codes
    "tuple": lambda item: item[1],
    "named": lambda item: item.cat,
    "dict": lambda item: item["cat"],
    "nested": lambda item: item[0]["cat"][0],
}


def electors(data, base):
    """The slow reference: all neighbors of a base row."""
    place = data.recipe.rows.tolist().index(base)
    return [row for row in data.recipe.table[place].tolist() if row >= 0]


def winners(values):
    counts = Counter(values)
    return {value for value, count in counts.items() if count == max(counts.values())}


@pytest.mark.parametrize(
    "resampler", [None, BorderlineSMOTE(kind="borderline-2"), GaussianSMOTE(k_neighbors=4)], ids=str
)
def test_each_column_has_a_most_frequent_value_of_the_neighbors(resampler):
    data = tensors(resampler)
    ties = 0
    for row in range(N, len(data)):
        _, codes, _, one = data[row]
        voters = electors(data, data.provenance(row).base)
        assert codes.dtype == torch.int64
        assert one.dtype == torch.int32
        for column in range(4):
            allowed = winners(CODES[voters, column].tolist())
            assert int(codes[column]) in allowed
            ties += len(allowed) > 1
        assert int(one) in winners(ONE[voters].tolist())
    assert ties > 10  # else nothing is known of ties


def test_the_other_leaves_are_those_without_categories():
    voted, plain = tensors(), SMOTEDataset(TensorDataset(X, Y), SMOTE(k_neighbors=K))
    for row in (0, N, len(voted) + N + 3):
        assert torch.equal(voted[row][0], plain[row][0])
        assert torch.equal(voted[row][2], plain[row][1])
        assert voted.provenance(row) == plain.provenance(row)
    assert torch.equal(voted.targets, plain.targets)


@pytest.mark.parametrize("form", FORMS)
def test_real_rows_are_untouched_and_forms_agree(form):
    data = SMOTEDataset(Items(form), SMOTE(k_neighbors=K), categorical=FORMS[form])
    wanted = tensors()
    for row in (0, N - 1):
        assert same(data[row], data.dataset[row])
    for index in range(N, len(data)):
        item, base = data[index], data.dataset[data.provenance(index).base]
        assert type(item) is type(base)
        codes = CAT[form](item)
        assert type(codes) is type(CAT[form](base))
        if form != "dict":  # whose columns come in another order, and so have other ties
            assert codes.tolist() == wanted[index][1].tolist()
    if form == "dict":
        item = data[N]
        assert isinstance(item["one"], np.int16)
        assert item["cat"].dtype == np.int64
        assert item["label"] == 1
    if form == "nested":
        assert [type(data[N][0]["cat"][1]), data[N][0]["cat"][1]] == [int, int(wanted[N][3])]


def test_ties_are_settled_evenly_and_anew_for_each_epoch_row_and_column():
    n = 4000
    x = torch.cat((torch.zeros(3, 1), torch.arange(100.0, 100 + n + 3)[:, None]))
    y = torch.cat((torch.ones(3), torch.zeros(n + 3))).long()
    codes = torch.zeros(len(x), 7, dtype=torch.int64)
    codes[1], codes[2] = 1, 2
    data = SMOTEDataset(TensorDataset(x, codes, y), SMOTE(k_neighbors=2), categorical=[1])
    got = data.__getitems__(range(len(x), len(data))).stacks[1]
    base = data.provenance(range(len(x), len(data))).base
    low = torch.where(base == 0, 1, 0).unsqueeze(1)  # the smaller of the two values that tie
    smaller = (got == low).double()
    assert abs(smaller.mean() - 0.5) < 0.02
    assert ((smaller.mean(0) - 0.5).abs() < 0.04).all()
    assert smaller.T.corrcoef().fill_diagonal_(0).abs().max() < 0.08
    again = data.__getitems__(range(len(data) + len(x), 2 * len(data))).stacks[1]
    # A third have the same base, and so agree by one half; the others have one of two values in common.
    assert abs((got == again).double().mean() - 1 / 3) < 0.02
    assert not torch.equal(got, _with_seed(x, codes, y, 1))


def _with_seed(x, codes, y, seed):
    data = SMOTEDataset(TensorDataset(x, codes, y), SMOTE(k_neighbors=2), categorical=[1], seed=seed)
    return data.__getitems__(range(len(x), len(data))).stacks[1]


def test_rows_are_functions_of_seed_epoch_and_row():
    data, again = tensors(seed=3), tensors(seed=3)
    length = len(data)
    order = np.random.default_rng(0).permutation(np.arange(2 * length))
    together = data.__getitems__(order.tolist())
    for index, item in zip(order.tolist(), together, strict=True):
        assert same(tuple(item), again[index])


def read(loader, epochs=2):
    batches = (batch for _ in range(epochs) for batch in loader)
    return [torch.cat(column) for column in zip(*batches, strict=True)]


def through_workers(data, workers, collate=None):
    generator = torch.Generator().manual_seed(0)
    sampler = SMOTESampler(data, seed=4)
    given = {"num_workers": workers, "generator": generator, "collate_fn": collate}
    return read(DataLoader(data, 16, sampler=sampler, **given))


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_and_the_tensor_loader_make_the_same_rows(workers):
    data = tensors(seed=2)
    for left, right in zip(through_workers(data, workers), read(TensorLoader(data, 16, seed=4)), strict=True):
        assert torch.equal(left, right)


def codes_alone(items):
    return [torch.stack([item[0]["cat"][0] for item in items])]


def test_workers_and_items_make_the_same_rows():
    data = SMOTEDataset(Items("nested"), SMOTE(k_neighbors=K), categorical=FORMS["nested"])
    (alone,), (shared,) = (through_workers(data, workers, codes_alone) for workers in (0, 2))
    assert torch.equal(alone, shared)


def test_a_resumed_loader_goes_on_with_the_same_rows():
    whole = list(TensorLoader(tensors(), 16, seed=1))
    first, second = (TensorLoader(tensors(), 16, seed=1) for _ in range(2))
    batches = iter(first)
    head = [next(batches) for _ in range(3)]
    second.load_state_dict(first.state_dict())
    for left, right in zip(whole, head + list(second), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


def test_batches_on_a_device_are_those_of_the_cpu(device):
    here, there = TensorLoader(tensors(), 16, seed=1), TensorLoader(tensors(), 16, seed=1, device=device)
    for left, right in zip(here, there, strict=True):
        for position in (1, 2, 3):
            assert right[position].device.type == device.type
            assert torch.equal(left[position], right[position].cpu())


def test_a_subset_votes_among_its_own_rows():
    rows = list(range(N))[::-1][: N - 3]
    subset = Subset(TensorDataset(X, CODES, Y), rows)
    copied = TensorDataset(X[rows], CODES[rows], Y[rows])
    one, two = (SMOTEDataset(each, SMOTE(k_neighbors=K), categorical=[1]) for each in (subset, copied))
    indices = list(range(len(one)))
    for left, right in zip(one.__getitems__(indices).stacks, two.__getitems__(indices).stacks, strict=True):
        assert torch.equal(left, right)


def test_absent_neighbors_do_not_vote():
    x = torch.cat((torch.arange(3.0), torch.arange(50.0, 59.0), torch.arange(100.0, 140.0)))[:, None]
    y = torch.tensor([2] * 3 + [1] * 9 + [0] * 40)
    codes = torch.arange(52) * 1000
    codes[:3] = 5
    with pytest.warns(UserWarning, match="2 other samples"):
        data = SMOTEDataset(
            TensorDataset(x, codes, y), SMOTE(k_neighbors=6, few_samples="shrink"), categorical=[1]
        )
    assert (data.recipe.table < 0).any()
    rows = [row for row in range(52, len(data)) if data.targets[row] == 2]
    assert {int(data[row][1]) for row in rows} == {5}


def test_random_over_sampling_votes_for_the_row_itself():
    data = SMOTEDataset(TensorDataset(X, CODES, Y), RandomOverSampler(), categorical=[1])
    for row in range(N, len(data)):
        assert torch.equal(data[row][1], CODES[data.provenance(row).base])


def test_axes_beyond_the_second_are_voted_each_on_its_own():
    image = CODES.reshape(N, 2, 2).to(torch.uint8)
    data = SMOTEDataset(TensorDataset(X, image, Y), SMOTE(k_neighbors=K), categorical=[1])
    flat = SMOTEDataset(TensorDataset(X, image.flatten(1), Y), SMOTE(k_neighbors=K), categorical=[1])
    got, wanted = (each.__getitems__(list(range(len(data)))).stacks[1] for each in (data, flat))
    assert got.dtype == torch.uint8
    assert torch.equal(got.flatten(1), wanted)


def test_bools_and_extreme_codes_are_categories():
    flags, wide = CODES[:, 0] > 0, CODES[:, 0] * (2**61)
    data = SMOTEDataset(TensorDataset(X, flags, wide, Y), SMOTE(k_neighbors=K), categorical=[1, 2])
    _, flag, large, _ = data.__getitems__(list(range(N, len(data)))).stacks
    assert flag.dtype == torch.bool
    assert set(large.tolist()) <= set(wide.tolist())


def test_many_columns_and_long_batches_are_the_same_in_parts(monkeypatch):
    codes = torch.randint(0, 4, (N, 790), generator=torch.Generator().manual_seed(0))
    data = SMOTEDataset(TensorDataset(X, codes, Y), SMOTE(k_neighbors=K), categorical=[1])
    whole = data.__getitems__(list(range(N, len(data)))).stacks[1]
    monkeypatch.setattr("torchsmote.data.voting._CHUNK", 9000)
    assert torch.equal(data.__getitems__(list(range(N, len(data)))).stacks[1], whole)


MIXED = torch.cat((CODES[:, :1].float(), X, CODES[:, 1:].float()), 1)


def test_smotenc_counts_categories_in_the_distance():
    sampler = SMOTENC([0, 5, 6, 7], k_neighbors=3)
    data = SMOTEDataset(TensorDataset(X, CODES, Y), sampler, features=MIXED, categorical=[1])
    plain = SMOTEDataset(TensorDataset(X, CODES, Y), SMOTE(k_neighbors=3), categorical=[1])
    assert torch.equal(data.recipe.table, sampler.recipe(MIXED, Y).table)
    assert not torch.equal(data.recipe.table, plain.recipe.table)
    for row in range(N, len(data)):
        base, neighbor, step = data.provenance(row)
        torch.testing.assert_close(data[row][0], X[base].lerp(X[neighbor], step))
        voters = electors(data, base)
        assert all(int(data[row][1][c]) in winners(CODES[voters, c].tolist()) for c in range(4))


def below_a_bound(rows):
    assert rows.shape[1] == D
    return rows[:, 1] < 0.2


def test_smotenc_shows_its_constraint_the_numbers_alone():
    sampler = SMOTENC([0, 5, 6, 7], k_neighbors=3, random_state=0, constraint=below_a_bound, max_redraws=200)
    data = SMOTEDataset(TensorDataset(X, CODES, Y), sampler, features=MIXED, categorical=[1])
    assert all(float(data[row][0][1]) < 0.2 for row in range(N, len(data)))
    assert same(pickle.loads(pickle.dumps(data))[N], data[N])
    assert len(sampler.fit_resample(MIXED, Y)[0]) == len(data)


def test_smoten_votes_with_the_row_itself():
    sampler = SMOTEN(k_neighbors=3)
    data = SMOTEDataset(TensorDataset(X, CODES, Y), sampler, features=CODES.double(), categorical=[1])
    for row in range(N, len(data)):
        base = data.provenance(row).base
        voters = electors(data, base)
        assert base in voters
        assert torch.equal(data[row][0], X[base])
        assert all(int(data[row][1][c]) in winners(CODES[voters, c].tolist()) for c in range(4))


def test_refreshed_features_bring_other_voters():
    data = tensors()
    before = data[N][1]
    rotated = X.roll(17, 0)
    data.refresh(rotated)
    voters = electors(data, data.provenance(N).base)
    after = data[N][1]
    assert all(int(after[c]) in winners(CODES[voters, c].tolist()) for c in range(4))
    assert before.shape == after.shape


def test_soft_labels_and_provenance_keep_their_places():
    data = tensors(soft_labels=True, num_classes=2, return_provenance=True)
    x, codes, soft, one, origin = data[N]
    assert soft.tolist() == [0, 1]
    assert origin.base == data.provenance(N).base
    assert (x.shape, codes.shape, one.shape) == ((D,), (4,), ())


@pytest.mark.parametrize(
    ("item", "categorical", "position"),
    [
        (("x", "c", "y"), [1], 2),
        (("c", "x", "y"), [0], 2),
        (("c", "d", "x", "y"), [0, 1], 3),
        (("x", "y", "c"), [2], 1),
        (("x", "c"), [1], None),
        (({"x": 1, "c": 2}, "y"), [1], 2),
        (({"c": 1, "d": 2}, "x", "y"), [0, 1], 3),
        ({"x": 0, "c": 1, "label": 2}, [1], 2),
        ({"x": 0, "y": 1, "label": 2}, [1], 2),
        ({"x": 0, "c": 1, "other": 2}, [1], 2),
    ],
)
def test_a_category_is_never_taken_for_the_label(item, categorical, position):
    assert target_position(item, categorical) == position


@pytest.mark.parametrize(
    ("item", "categorical", "positions"),
    [
        ((0.5, 1, 2, 3), [3, 1], (1, 3)),
        ((0.5, [1, 2], 3), [1], (1, 2)),
        ((0.5, [1, 2], 3), [(1, 1)], (2,)),
        ({"a": 0.5, "b": {"c": 1, "d": 2}}, ["b"], (1, 2)),
        ({"a": 0.5, "b": {"c": 1, "d": 2}}, [("b", "d")], (2,)),
        ({0: 0.5, 7: 1}, [7], (1,)),
        (Row(0.5, 3, 1), ["cat"], (1,)),
        (Row(0.5, 3, 1), (np.int64(1),), (1,)),
        ((0.5, 1), [], ()),
    ],
)
def test_categories_are_found_by_position_key_and_path(item, categorical, positions):
    assert categorical_positions(item, categorical) == positions


TENSORS = TensorDataset(X, CODES, Y)


@pytest.mark.parametrize(
    ("dataset", "given", "error", "facts"),
    [
        (TENSORS, {"categorical": [3]}, ValueError, r"categorical.*names 3.*leaf\[0\], leaf\[1\], leaf\[2\]"),
        (TENSORS, {"categorical": [-1]}, ValueError, "categorical.*names -1"),
        (TENSORS, {"categorical": ["cat"]}, ValueError, "categorical.*'cat'.*leaf"),
        (TENSORS, {"categorical": [1, 1]}, ValueError, "categorical.*1 names a leaf twice"),
        (TENSORS, {"categorical": 1}, TypeError, r"categorical.*list.*give \[1\]"),
        (TENSORS, {"categorical": "cat"}, TypeError, r"categorical.*list.*give \['cat'\]"),
        (TENSORS, {"categorical": [False, True, False]}, TypeError, "categorical.*False.*mask"),
        (TENSORS, {"categorical": [1.0]}, TypeError, "categorical.*1.0.*float"),
        (TENSORS, {"categorical": [0]}, TypeError, r"categorical.*leaf\[0\].*float32.*integers"),
        (TENSORS, {"categorical": [2], "targets": Y}, ValueError, r"categorical.*leaf\[2\].*label"),
        (TENSORS, {"categorical": [1, 2]}, ValueError, "no label.*categorical.*targets"),
        (TensorDataset(X, Y), {"categorical": [1]}, ValueError, "no label.*categorical.*targets"),
        (TensorDataset(X, Y, ONE), {"categorical": [1], "targets": Y}, ValueError, r"leaf\[1\].*label"),
        (
            Items("dict"),
            {"categorical": ["code"]},
            ValueError,
            r"'code'.*keys \['cat', 'num', 'one', 'label'\]",
        ),
        (Items("dict"), {"categorical": ["label"], "targets": Y}, ValueError, r"leaf\['label'\].*label"),
        (Items("dict"), {"categorical": ["num"]}, TypeError, r"leaf\['num'\].*float32"),
        (Items("nested"), {"categorical": [(0, "cat", 5)]}, ValueError, "categorical.*'cat', 5"),
        (Items("nested"), {"categorical": [0]}, TypeError, r"leaf\[0\]\['num'\].*float32"),
        ([(0.5, "red", 1)] * 9, {"categorical": [1]}, TypeError, r"leaf\[1\].*str.*encode"),
        ([(0.5, [], 1)] * 9, {"categorical": [1]}, ValueError, "names no leaf"),
    ],
)
def test_wrong_categories(dataset, given, error, facts):
    with pytest.raises(error, match=facts):
        SMOTEDataset(dataset, SMOTE(k_neighbors=K), **given)


@pytest.mark.parametrize("resampler", [EOS(), ProWSyn(), PolynomFitSMOTE(topology="mesh")], ids=repr)
def test_a_method_without_a_table_of_neighbors_cannot_vote(resampler):
    name = type(resampler).__name__
    with pytest.raises(ValueError, match=rf"{name}.*categorical.*(any other row|other classes alone).*SMOTE"):
        SMOTEDataset(TENSORS, resampler, categorical=[1])


def test_ragged_categories_are_named():
    rare = set(Y.nonzero()[:3, 0].tolist())
    rows = [(X[i], torch.zeros(3 if i in rare else 2).long(), int(Y[i])) for i in range(N)]
    data = SMOTEDataset(rows, SMOTE(k_neighbors=K), categorical=[1])
    with pytest.raises(ValueError, match=r"ragged items.*categories.*(\(2,\).*\(3,\)|\(3,\).*\(2,\))"):
        data.__getitems__(list(range(N, len(data))))


def test_items_on_a_device_keep_it(device):
    rows = [(x, c.to(device), int(y)) for x, c, y in zip(X, CODES, Y, strict=True)]
    data = SMOTEDataset(rows, SMOTE(k_neighbors=K), categorical=[1])
    codes = data[N][1]
    assert codes.device.type == device.type
    assert torch.equal(codes.cpu(), SMOTEDataset(TENSORS, SMOTE(k_neighbors=K), categorical=[1])[N][1])


def test_categories_of_two_dtypes_are_refused():
    rows = [(X[i], CODES[i].to(torch.int8) if i % 2 else CODES[i], int(Y[i])) for i in range(N)]
    data = SMOTEDataset(rows, SMOTE(k_neighbors=K), categorical=[1])
    with pytest.raises(ValueError, match=r"ragged items.*int64.*int8|ragged items.*int8.*int64"):
        data.__getitems__(list(range(N, len(data))))


def test_what_repr_says():
    data = tensors(seed=4)
    new = len(data) - N
    assert repr(data) == (
        f"SMOTEDataset(TensorDataset, SMOTE(), n_real={N}, n_synthetic={new}, made={{1: {new}}}, "
        "categorical=[1, 3], seed=4)"
    )
    assert "categorical" not in repr(SMOTEDataset(TENSORS, EOS(k_neighbors=20), targets=Y))
    sampler, loader = SMOTESampler(data, shuffle=False), TensorLoader(data, 16, seed=2)
    assert repr(sampler) == f"SMOTESampler({len(data)} rows, shuffle=False, seed=0, epoch=0, position=0)"
    next(iter(loader))
    assert repr(loader) == (
        f"TensorLoader({len(data)} rows, batch_size=16, shuffle=True, drop_last=False, device='cpu', seed=2, "
        "epoch=0, position=16)"
    )
