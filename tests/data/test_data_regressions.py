"""Defects that were found once, each with the reading that showed it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from loop_data import Items, N, table, tensors
from torch.utils.data import BatchSampler, Subset, TensorDataset

from torchsmote import SMOTE, BorderlineSMOTE
from torchsmote.data import SMOTEDataset, SMOTESampler, TensorLoader

X, Y = table()
EXTRA = torch.arange(float(N)) + 0.5
SOFT = {"soft_labels": True, "num_classes": 2}


def build(dataset, **given):
    return SMOTEDataset(dataset, SMOTE(k_neighbors=3), **given)


def listed(*columns):
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    "dataset",
    [
        TensorDataset(X),
        Subset(TensorDataset(X), list(range(N))),
        TensorDataset(X, torch.stack((EXTRA, EXTRA), 1)),
        [(x,) for x in X],
        list(X),
        TensorDataset(X, EXTRA),  # one float a row, but not the labels
        listed(X, EXTRA.tolist()),
    ],
)
def test_soft_labels_without_a_label_to_replace_are_refused_at_once(dataset):
    with pytest.raises(ValueError, match=r"soft_labels.*TensorDataset\(X, y\)"):
        build(dataset, targets=Y, **SOFT)


@pytest.mark.parametrize(
    "dataset",
    [
        TensorDataset(X, EXTRA),
        TensorDataset(X, EXTRA[:, None]),
        Subset(TensorDataset(X, EXTRA), list(range(N))),
        listed(X, EXTRA),
        listed(X, EXTRA.tolist()),
        listed(X, EXTRA.numpy()),
        [{"x": x, "y": e} for x, e in zip(X, EXTRA, strict=True)],
        # Equal to the first label, different later on.
        listed(X, torch.cat((Y[:1].float(), EXTRA[1:]))),
    ],
)
@pytest.mark.parametrize("targets", [Y, Y.bool(), np.array(["a", "b"])[Y]])
def test_a_second_leaf_that_differs_from_the_targets_is_data(dataset, targets):
    data = build(dataset, targets=targets)
    for row in range(N, len(data)):
        item, origin = data[row], data.provenance(row)
        got = float(item["y"] if isinstance(item, dict) else item[1])
        want = EXTRA[origin.base].lerp(EXTRA[origin.neighbor], origin.step)
        assert got == pytest.approx(float(want), abs=1e-4)


@pytest.mark.parametrize(
    "dataset",
    [
        TensorDataset(X, Y.float()),
        TensorDataset(X, Y[:, None].double()),
        listed(X, Y.float()),
        listed(X, Y.double().tolist()),
    ],
)
@pytest.mark.parametrize("targets", [Y, Y.bool(), Y.double().numpy(), Y.half()])
def test_the_label_itself_stays_even_where_targets_have_another_dtype(dataset, targets):
    # borderline-2 mixes classes: an interpolated label would show.
    resampler = BorderlineSMOTE(k_neighbors=5, kind="borderline-2")
    data = SMOTEDataset(dataset, resampler, targets=targets)
    assert data.n_synthetic
    assert {float(data[row][1]) for row in range(N, len(data))} == {1.0}


def test_a_subsets_labels_are_compared_by_its_own_rows():
    rows = list(range(N))[::-1]
    data = build(Subset(TensorDataset(X, Y.float()), rows), targets=Y[rows], **SOFT)
    assert torch.equal(data[0][1].argmax(), Y[-1])


def test_whole_numbers_are_never_interpolated():
    for dataset in (TensorDataset(X, torch.arange(N)), listed(X, range(N))):
        data = build(dataset, targets=Y)
        assert data[N][1] == data.provenance(N).base


def test_labels_that_lead_items_of_named_leaves_are_searched_in_when_they_are_data():
    data = build([{"y": e, "x": x} for x, e in zip(X, EXTRA, strict=True)], targets=Y)
    wanted = build(TensorDataset(EXTRA[:, None], Y))
    rows = range(N, len(data))
    assert data.provenance(rows).neighbor.tolist() == wanted.provenance(rows).neighbor.tolist()


@pytest.mark.parametrize("index", [2**70, -(2**70), 2**63])
def test_an_index_beyond_64_bits_is_out_of_range(index):
    data = tensors()
    for read in (data.__getitem__, data.provenance, lambda i: data.__getitems__([0, i])):
        with pytest.raises(IndexError, match=str(index)):
            read(index)
    with pytest.raises(IndexError, match=str(2**63)):
        data.provenance(np.array([2**63], dtype=np.uint64))


@pytest.mark.parametrize("index", [35.7, np.float32(35), "3", None, True])
def test_indices_that_are_no_whole_numbers_are_refused_in_every_form(index):
    data = tensors()
    forms = [[0, index], (index,), np.array([index])]
    if isinstance(index, float):
        forms += [torch.tensor([index])]
    for form in forms[2:] if index is True else forms:  # a mask is no list of indices; True alone counts as 1
        with pytest.raises(TypeError):
            data.provenance(form)
        with pytest.raises(TypeError):
            data.__getitems__(form)


def test_indices_of_two_axes_are_refused():
    for wrong in (torch.zeros(2, 2, dtype=torch.int64), [[0, 1]]):
        with pytest.raises(TypeError):
            tensors().__getitems__(wrong)


@pytest.mark.parametrize("empty", [[], (), torch.zeros(0, dtype=torch.int64), np.zeros(0), range(0)])
def test_an_empty_batch_while_batches_are_announced(empty):
    data, alone = tensors(), tensors()
    next(iter(SMOTESampler(data)))
    assert len(data.__getitems__(empty)) == 0
    batch = next(iter(BatchSampler(SMOTESampler(data), 8, False)))
    assert torch.equal(data.__getitems__(batch).stacks[0], alone.__getitems__(batch).stacks[0])


@pytest.mark.parametrize("make", [SMOTESampler, TensorLoader])
@pytest.mark.parametrize(
    ("changed", "error", "facts"),
    [
        ({"position": -5}, ValueError, "position.*-5"),
        ({"position": 10**6}, ValueError, r"position.*1000000"),
        ({"position": 1.5}, TypeError, "position.*float"),
        ({"position": None}, TypeError, "position.*NoneType"),
        ({"epoch": 2**40}, ValueError, f"epoch.*{2**40}"),
        ({"epoch": -1}, ValueError, "epoch.*-1"),
        ({"epoch": "2"}, TypeError, "epoch.*str"),
    ],
)
def test_spoilt_states_are_refused_and_change_nothing(make, changed, error, facts):
    stream = make(tensors())
    state = stream.state_dict()
    with pytest.raises(error, match=facts):
        stream.load_state_dict({**state, **changed})
    assert stream.state_dict() == state
    for nothing in (None, 3, [1]):
        with pytest.raises(TypeError, match=r"state.*" + type(nothing).__name__):
            stream.load_state_dict(nothing)


def picky():
    """A rule that some synthetic rows of an epoch cannot meet, the rows, and which meet it."""
    rule = SMOTE(k_neighbors=3, constraint=lambda rows: rows[:, 0] * 1.7 % 1 < 0.6, max_redraws=0)
    free = SMOTEDataset(TensorDataset(X, Y), SMOTE(k_neighbors=3))
    rows = free.__getitems__(range(N, len(free))).stacks[0]
    valid = rows[:, 0] * 1.7 % 1 < 0.6
    assert 3 < valid.sum() < len(valid) - 3
    return SMOTEDataset(TensorDataset(X, Y), rule), rows, valid


def test_a_row_that_meets_the_rule_is_read_whatever_the_others_do():
    data, rows, valid = picky()
    for at, good in enumerate(valid.tolist()):
        if good:
            assert torch.equal(data[N + at][0], rows[at])
        else:
            with pytest.raises(ValueError, match=r"1 of 1 synthetic"):
                data[N + at]
    good = (valid.nonzero()[:, 0] + N).tolist()
    assert torch.equal(data.__getitems__(good).stacks[0], rows[valid])
    with pytest.raises(ValueError, match=r"2 of 3 synthetic"):
        data.__getitems__([good[0], 0, *((~valid).nonzero()[:2, 0] + N).tolist()])


def test_batches_made_ahead_raise_for_their_own_rows_only():
    data, _, valid = picky()
    bad = int((~valid).nonzero()[-1, 0]) + N
    batches = [[0, 1], [2, int(valid.nonzero()[0, 0]) + N], [bad, 3], [4, 5]]
    data.announce(np.concatenate(batches))
    for batch in batches:
        if bad in batch:
            with pytest.raises(ValueError, match="1 of 1"):
                data.__getitems__(batch)
        else:
            assert len(data.__getitems__(batch)) == 2


def test_the_loader_gives_the_batches_before_the_first_that_breaks_the_rule():
    data, _, valid = picky()
    first = N + int((~valid).nonzero()[0, 0])
    batches = iter(TensorLoader(data, 4, shuffle=False))
    got = [next(batches)[0] for _ in range(first // 4)]
    assert torch.equal(torch.cat(got)[:N], X)
    with pytest.raises(ValueError, match="constraint"):
        next(batches)


@pytest.mark.parametrize(
    ("leaf", "facts"),
    [
        (lambda i: torch.zeros(1 + (i == 7)), r"leaf\[2\].*item 7.*\(2,\).*item 0.*\(1,\)"),
        (lambda i: {"a": np.zeros((2, 1 + (i == 7)))}, r"leaf\[2\]\['a'\].*item 7.*\(2, 2\)"),
        (lambda i: [0.5] * (1 + (i == 7)), r"item 7.*4.*item 0.*3"),
    ],
)
@pytest.mark.parametrize("given", [{}, {"features": lambda item: item[0]}, {"features": X}])
def test_ragged_leaves_are_found_while_items_are_read(leaf, facts, given):
    dataset = [(x, int(y), leaf(i)) for i, (x, y) in enumerate(zip(X, Y, strict=True))]
    with pytest.raises(ValueError, match=f"ragged.*{facts}"):
        build(dataset, **given)


def test_leaves_that_are_not_interpolated_may_be_ragged():
    dataset = [(x, int(y), torch.zeros(i, dtype=torch.int64)) for i, (x, y) in enumerate(listed(X, Y))]
    data = build(dataset)
    assert data[N][2].numel() == data.provenance(N).base


@pytest.mark.parametrize("wrong", [2.5, "2", True, [2]])
def test_the_number_of_classes_is_an_int(wrong):
    with pytest.raises(TypeError, match=rf"num_classes.*{type(wrong).__name__}"):
        build(TensorDataset(X, Y), soft_labels=True, num_classes=wrong)
    assert build(TensorDataset(X, Y), soft_labels=True, num_classes=np.int64(2))[N][1].shape == (2,)


@pytest.mark.parametrize("wrong", [X.numpy(), pd.DataFrame(X.numpy()), pd.Series(Y.numpy())])
def test_tables_are_to_be_wrapped(wrong):
    with pytest.raises(TypeError, match=rf"dataset.*{type(wrong).__name__}.*TensorDataset\(torch.tensor"):
        build(wrong, targets=Y)


@pytest.mark.parametrize("wanted", ["meta"])
def test_a_device_without_values_is_refused(wanted):
    with pytest.raises(ValueError, match=f"device.*{wanted}"):
        TensorLoader(tensors(), device=wanted)


def test_a_device_without_a_number_is_the_datas_own(device):
    data = SMOTEDataset(TensorDataset(X.to(device), Y.to(device)), SMOTE(k_neighbors=3))
    loader = TensorLoader(data, device=device.type)
    assert loader.device == data.source.device


def test_items_are_read_once():
    for given, reads in (({}, [0, *range(N)]), ({"features": X, "targets": Y}, [0])):
        source = Items("tuple")
        build(source, **given)
        assert source.asked == reads
