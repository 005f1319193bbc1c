"""nn.functional.smote: rows, gradients, bad input."""

import pytest
import torch

from torchsmote.nn.functional import smote


def batch(dtype=torch.float32, shape=(3,)):
    h = torch.randn(20, *shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype)
    return h, (torch.arange(20) >= 14).long()


def generator(device="cpu", seed=0):
    return torch.Generator(device).manual_seed(seed)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(3,), (2, 3, 2)])
def test_real_rows_come_first_and_new_ones_lie_on_segments_of_their_class(device, dtype, shape):
    h, y = (values.to(device) for values in batch(dtype, shape))
    kept = h.clone()
    h2, y2 = smote(h, y, 12, generator=generator(device))
    assert h2.shape == (32, *shape)
    assert (h2.dtype, y2.dtype) == (dtype, torch.int64)
    assert torch.equal(h2[:20], h)
    assert torch.equal(h, kept)
    assert y2[20:].tolist() == [1] * 12
    rare = h[y == 1].flatten(1).double()
    tolerance = {torch.float16: 4e-3, torch.bfloat16: 3e-2}.get(dtype, 1e-5)
    for new in h2[20:].flatten(1).double():
        to_ends = torch.cdist(new.unsqueeze(0), rare)[0]
        detour = to_ends.unsqueeze(0) + to_ends.unsqueeze(1) - torch.cdist(rare, rare)
        assert detour.fill_diagonal_(torch.inf).min() < tolerance


def test_a_generator_repeats_and_none_reads_the_global_state():
    h, y = batch()
    one, two = (smote(h, y, 8, generator=generator())[0] for _ in range(2))
    assert torch.equal(one, two)
    before = torch.get_rng_state()
    smote(h, y, 8, generator=generator())
    assert torch.equal(before, torch.get_rng_state())
    with torch.random.fork_rng():
        smote(h, y, 8)
        assert not torch.equal(before, torch.get_rng_state())


def test_labels_need_no_upper_bound():
    h, y = batch()
    _, y2 = smote(h, y * 10**12 + 7, 8, generator=generator())
    assert y2[20:].tolist() == [10**12 + 7] * 8


def test_bank_rows_serve_and_empty_ones_do_not():
    h = torch.zeros(4, 2)
    bank = torch.tensor([[10.0, 0.0], [12.0, 0.0], [99.0, 99.0]])
    h2, y2 = smote(
        h,
        torch.zeros(4, dtype=torch.int64),
        50,
        bank=bank,
        bank_labels=torch.tensor([1, 1, -1]),
        generator=generator(),
    )
    assert y2[4:].tolist() == [1] * 50
    assert ((h2[4:, 0] >= 10) & (h2[4:, 0] <= 12)).all()
    assert not h2[4:, 1].any()


def test_nothing_to_make_returns_the_given_objects():
    h, y = batch()
    h2, y2 = smote(h, y, 0)
    assert h2 is h
    assert y2 is y


@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 1.0])])
def test_gradcheck_through_base_and_neighbor(weights):
    h, y = batch(torch.float64)
    h.requires_grad_()
    bank = torch.randn(5, 3, dtype=torch.float64, generator=generator(seed=1))

    def rows(h):
        return smote(
            h, y, 6, class_weights=weights, bank=bank, bank_labels=torch.ones(5).long(), generator=generator()
        )[0]

    assert torch.autograd.gradcheck(rows, (h,))


def test_float32_search_under_autocast(device):
    h, y = (values.to(device) for values in batch())
    plain = smote(h + 300, y, 30, generator=generator(device))
    with torch.autocast(device.type if isinstance(device, torch.device) else device, dtype=torch.bfloat16):
        cast = smote(h + 300, y, 30, generator=generator(device))
    assert torch.equal(plain[0], cast[0])


H, Y = batch()


@pytest.mark.parametrize(
    ("arguments", "error", "facts"),
    [
        ({"h": H.long()}, TypeError, "`h`.*int64"),
        ({"h": H[:, 0]}, ValueError, r"`h`.*\(20,\)"),
        ({"h": [1.0]}, TypeError, "`h`.*list"),
        ({"h": H[:0], "y": Y[:0]}, ValueError, "`h` has no rows.*4"),
        ({"y": Y.int()}, TypeError, "`y`.*int32"),
        ({"y": Y[:3]}, ValueError, r"`y`.*\(20,\).*\(3,\)"),
        ({"y": Y - 1}, ValueError, "`y`.*-1"),
        ({"n_new": -1}, ValueError, "n_new.*-1"),
        ({"n_new": 1.0}, TypeError, "n_new.*float"),
        ({"k": 0}, ValueError, "`k`.*0"),
        ({"class_weights": torch.ones(1)}, ValueError, r"`y`.*\[0, 1\).*1"),
        ({"class_weights": torch.tensor([1.0, -2.0])}, ValueError, "class_weights.*-2.0.*class 1"),
        ({"class_weights": torch.tensor([1.0, float("nan")])}, ValueError, "class_weights.*nan.*class 1"),
        ({"class_weights": torch.ones(2, 1)}, ValueError, r"class_weights.*\(2, 1\)"),
        ({"class_weights": torch.ones(2) > 0}, TypeError, "class_weights.*bool"),
        ({"class_weights": [1, 1]}, TypeError, "class_weights.*list.*torch.tensor"),
        ({"generator": 0}, TypeError, "`generator`.*int.*Generator"),
        ({"bank": H.tolist(), "bank_labels": Y}, TypeError, "`bank`.*list"),
        ({"bank": H, "bank_labels": Y.tolist()}, TypeError, "`bank_labels`.*list"),
        ({"bank": H}, ValueError, "`bank_labels`.*together"),
        ({"bank": H[:, :2], "bank_labels": Y}, ValueError, r"`bank`.*\(20, 2\)"),
        ({"bank": H.long(), "bank_labels": Y}, ValueError, "`bank`.*int64"),
        ({"bank": H, "bank_labels": Y - 2}, ValueError, "bank_labels.*-2"),
        ({"bank": H, "bank_labels": Y[:4]}, ValueError, r"bank_labels.*\(4,\)"),
    ],
)
def test_bad_input(arguments, error, facts):
    with pytest.raises(error, match=facts):
        smote(**{"h": H, "y": Y, "n_new": 4, **arguments})
