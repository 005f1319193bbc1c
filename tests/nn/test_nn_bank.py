"""The feature bank beside a plain reference: one bounded deque a class."""

from collections import deque

import pytest
import torch

from torchsmote.nn import EmbeddingSMOTE, FeatureBank


def filled(bank):
    """Rows of each class now in the bank, as sorted lists of their first value."""
    labels, features = bank.labels, bank.features
    return [sorted(features[labels == c, 0].tolist()) for c in range(bank.num_classes)]


@pytest.mark.parametrize("batch", [1, 3, 8, 40])
def test_rings_hold_the_latest_rows_of_each_class(device, batch):
    bank = FeatureBank(3, 13, 2).to(device)
    rings = [deque(maxlen=4) for _ in range(3)]
    generator = torch.Generator().manual_seed(batch)
    row = 0
    for _ in range(25):
        y = torch.randint(3, (batch,), generator=generator)
        y[y == 2] *= torch.rand(int((y == 2).sum()), generator=generator) < 0.2  # class 2 is rare
        h = torch.arange(row, row + batch, dtype=torch.float32)
        row += batch
        bank.push(h.unsqueeze(1).repeat(1, 2).to(device), y.to(device))
        for value, label in zip(h.tolist(), y.tolist(), strict=True):
            rings[label].append(value)
        assert filled(bank) == [sorted(ring) for ring in rings]
    assert int(bank.pushed.sum()) == row


def test_a_ring_writes_round_and_round(device):
    bank = FeatureBank(1, 3, 1).to(device)
    for start in (0, 2, 4):
        rows = torch.arange(start, start + 2, dtype=torch.float32, device=device).unsqueeze(1)
        bank.push(rows, torch.zeros(2, dtype=torch.int64, device=device))
    assert bank.features.flatten().tolist() == [3.0, 4.0, 5.0]


def test_slots_are_even_and_start_empty():
    bank = FeatureBank(3, 11, 4)
    assert bank.features.shape == (9, 4)
    assert bank.labels.tolist() == [-1] * 9


def test_a_push_replaces_its_buffers_and_keeps_no_gradient():
    bank = FeatureBank(2, 4, 1)
    before, kept = bank.features, bank.features.clone()
    h = torch.ones(2, 1, requires_grad=True)
    bank.push(h, torch.tensor([0, 1]))
    assert torch.equal(before, kept)
    assert not bank.features.requires_grad


def test_width_and_precision_come_from_the_first_rows():
    bank = FeatureBank(2, 4)
    bank.push(torch.ones(1, 5, dtype=torch.float64), torch.tensor([1]))
    assert bank.features.shape == (4, 5)
    assert bank.features.dtype == torch.float64
    narrow = FeatureBank(2, 4)
    narrow.push(torch.ones(1, 5, dtype=torch.bfloat16), torch.tensor([1]))
    assert narrow.features.dtype == torch.float32
    with pytest.raises(ValueError, match=r"5 features.* 3"):
        bank.push(torch.ones(1, 3), torch.tensor([0]))


def test_state_dict_restores_a_bank_of_unknown_width():
    bank = FeatureBank(2, 4)
    bank.push(torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 1, 1, 0, 0]))
    other = FeatureBank(2, 4)
    other.load_state_dict(bank.state_dict())
    for _ in range(2):
        assert torch.equal(bank.features, other.features)
        assert torch.equal(bank.labels, other.labels)
        for each in (bank, other):
            each.push(torch.full((1, 3), 7.0), torch.tensor([1]))


def test_a_bank_of_free_width_takes_the_width_of_what_is_loaded():
    unused, bank, other = FeatureBank(2, 4), FeatureBank(2, 4), FeatureBank(2, 4)
    bank.push(torch.ones(3, 5), torch.tensor([0, 1, 1]))
    other.push(torch.ones(2, 7), torch.tensor([0, 1]))
    other.load_state_dict(bank.state_dict())
    assert other.features.shape == (4, 5)
    bank.load_state_dict(unused.state_dict())
    assert bank.features.shape == (4, 0)
    assert bank.labels.tolist() == bank.age.tolist() == [-1] * 4
    with pytest.raises(RuntimeError, match="size mismatch for features"):
        FeatureBank(2, 4, 3).load_state_dict(other.state_dict())


def test_a_prepared_bank_can_be_copied_into_an_averaged_model():
    smote = EmbeddingSMOTE(2, bank_size=4)
    smote.bank.prepare(torch.empty(0, 3))
    average = torch.optim.swa_utils.AveragedModel(smote)
    smote(torch.ones(4, 3), torch.tensor([0, 0, 0, 1]))
    average.update_parameters(smote)
    assert torch.equal(average.module.bank.features, smote.bank.features)


def test_age_counts_pushes_since_each_slot_was_written(device):
    bank = FeatureBank(2, 6, 1).to(device)
    ages = []
    for labels in ([0, 1], [0], [0, 0], []):
        rows = torch.zeros(len(labels), 1, device=device)
        bank.push(rows, torch.tensor(labels, dtype=torch.int64, device=device))
        ages.append(bank.age.tolist())
    assert ages == [
        [0, -1, -1, 0, -1, -1],
        [1, 0, -1, 1, -1, -1],
        [0, 1, 0, 2, -1, -1],  # the second row came round
        [0, 1, 0, 2, -1, -1],  # an empty batch is no push
    ]
    assert bank.age.dtype == torch.int64
    assert bank.state_dict()["age"].tolist() == ages[-1]


@pytest.mark.parametrize("momentum", [0.0, 0.25, 1.0])
def test_momentum_is_the_share_of_the_old_row(device, momentum):
    bank = FeatureBank(2, 4, 3, momentum=momentum).to(device)
    generator, slots, written = torch.Generator().manual_seed(0), torch.zeros(2, 2, 3), [0, 0]
    for step in range(6):
        rows, labels = torch.randn(2, 3, generator=generator), [step % 2, 0]
        bank.push(rows.to(device), torch.tensor(labels, device=device))
        for row, label in zip(rows, labels, strict=True):
            slot, kept = written[label] % 2, momentum if written[label] >= 2 else 0.0
            slots[label, slot] = kept * slots[label, slot] + (1 - kept) * row
            written[label] += 1
    torch.testing.assert_close(bank.features.cpu(), slots.flatten(0, 1))


def test_a_slot_that_a_push_reaches_twice_takes_the_last_row():
    bank = FeatureBank(1, 2, 1, momentum=0.5)
    zero = torch.zeros(2, dtype=torch.int64)
    bank.push(torch.tensor([[8.0], [8.0]]), zero)
    bank.push(torch.tensor([[100.0], [0.0], [4.0]]), torch.zeros(3, dtype=torch.int64))
    assert bank.features.flatten().tolist() == [6.0, 4.0]


@pytest.mark.parametrize("gather", [False, True])
def test_rows_that_are_not_finite_are_left_out(device, gather):
    bank, wanted = (FeatureBank(2, 6, 2, gather=gather).half().to(device) for _ in range(2))
    h = torch.arange(14.0, device=device).reshape(7, 2)
    y = torch.tensor([0, 1, 0, 1, 1, 0, 1], device=device)
    wrong = h.clone()
    wrong[1, 0], wrong[2, 1], wrong[6, 1] = torch.nan, -torch.inf, 1e5  # the last: as a half
    bank.push(wrong, y)
    kept = torch.tensor([0, 3, 4, 5], device=device)
    wanted.push(h[kept], y[kept])
    for left, right in zip(bank.state_dict().values(), wanted.state_dict().values(), strict=True):
        assert torch.equal(left, right)
    bank.push(torch.full((1, 2), torch.nan, device=device), torch.tensor([1], device=device))
    assert torch.equal(bank.features, wanted.features)
    assert torch.equal(bank.pushed, wanted.pushed)


ROWS, LABELS = torch.ones(2, 3), torch.tensor([0, 1])


@pytest.mark.parametrize(
    ("h", "y", "error", "facts"),
    [
        (ROWS.tolist(), LABELS, TypeError, "`h`.*list"),
        (ROWS.long(), LABELS, TypeError, "`h`.*int64"),
        (ROWS[0], LABELS, ValueError, r"`h`.*\(3,\)"),
        (ROWS.unsqueeze(2), LABELS, ValueError, r"`h`.*\(b, dim\).*\(2, 3, 1\)"),
        (ROWS[:, :0], LABELS, ValueError, r"`h`.*\(2, 0\)"),
        (ROWS, LABELS[:1], ValueError, r"`y`.*\(2,\).*\(1,\)"),
        (ROWS, LABELS.float(), TypeError, "`y`.*float32"),
        (ROWS, LABELS + 1, ValueError, r"`y`.*\[0, 2\).*2"),
        (ROWS, LABELS - 1, ValueError, r"`y`.*\[0, 2\).*-1"),
    ],
)
def test_bad_rows(h, y, error, facts):
    bank = FeatureBank(2, 4)
    with pytest.raises(error, match=facts):
        bank.push(h, y)
    assert bank.features.shape == (4, 0)
    assert not bank.pushed.any()


def test_dtype_follows_the_module():
    given = FeatureBank(2, 4, 3).half()
    free = FeatureBank(2, 4).to(torch.bfloat16)
    for bank, dtype in ((given, torch.float16), (free, torch.bfloat16)):
        bank.push(torch.ones(2, 3), torch.tensor([0, 1]))
        assert bank.features.dtype == dtype
        assert bank.pushed.dtype == bank.age.dtype == torch.int64
        assert bank.double().features.dtype == torch.float64


def test_state_is_in_buffers_alone():
    bank = FeatureBank(2, 4)
    bank.push(torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 1, 1, 0, 0]))
    plain = {name for name in vars(FeatureBank(2, 4)) if not name.startswith("_")}
    assert {name for name in vars(bank) if not name.startswith("_")} == plain
    assert set(bank.state_dict()) == {"features", "pushed", "age"}


@pytest.mark.parametrize(
    ("arguments", "error", "facts"),
    [
        ({"num_classes": 0, "size": 4}, ValueError, "num_classes.*at least 1.*0"),
        ({"num_classes": 2.0, "size": 4}, TypeError, "num_classes.*float"),
        ({"num_classes": 5, "size": 4}, ValueError, "size.*4.*5"),
        ({"num_classes": 2, "size": True}, TypeError, "size.*bool"),
        ({"num_classes": 2, "size": 4, "dim": 0}, ValueError, "dim.*at least 1.*0"),
        ({"num_classes": 2, "size": 4, "momentum": 1.5}, ValueError, r"momentum.*\[0, 1\].*1.5"),
        ({"num_classes": 2, "size": 4, "momentum": "0"}, TypeError, "momentum.*str"),
    ],
)
def test_bad_arguments(arguments, error, facts):
    with pytest.raises(error, match=facts):
        FeatureBank(**arguments)


def test_repr_names_the_shape():
    assert "slots=2" in repr(FeatureBank(3, 6, 8))
    assert "dim=8" in repr(FeatureBank(3, 6, 8))
