"""The feature bank beside a plain reference: one bounded deque a class."""

from collections import deque

import pytest
import torch

from torchsmote.nn import FeatureBank


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


@pytest.mark.parametrize(
    ("arguments", "error", "facts"),
    [
        ({"num_classes": 0, "size": 4}, ValueError, "num_classes.*at least 1.*0"),
        ({"num_classes": 2.0, "size": 4}, TypeError, "num_classes.*float"),
        ({"num_classes": 5, "size": 4}, ValueError, "size.*4.*5"),
        ({"num_classes": 2, "size": True}, TypeError, "size.*bool"),
        ({"num_classes": 2, "size": 4, "dim": 0}, ValueError, "dim.*at least 1.*0"),
    ],
)
def test_bad_arguments(arguments, error, facts):
    with pytest.raises(error, match=facts):
        FeatureBank(**arguments)


def test_repr_names_the_shape():
    assert "slots=2" in repr(FeatureBank(3, 6, 8))
    assert "dim=8" in repr(FeatureBank(3, 6, 8))
