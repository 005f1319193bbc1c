"""Geometric SMOTE inside a batch: the ball of the table door, its surface row, gradients."""

import numpy as np
import pytest
import torch
from scipy import stats

from torchsmote import EmbeddingSMOTE, GeometricSMOTE
from torchsmote.nn.pool import Pool

STRATEGIES = ("minority", "majority", "combined")


@pytest.fixture(params=["pruned", "static"])
def path(request, monkeypatch):
    """The shapes of eager mode on the CPU, and those of a compiled step."""
    if request.param == "static":
        monkeypatch.setattr(Pool, "prunes", False)


def batch(rows=40, dim=3, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    y = (torch.arange(rows) % 4 == 0).long()
    return torch.randn(rows, dim, generator=generator, dtype=dtype) + 0.5 * y.unsqueeze(1), y


def layer(ratio=1.0, classes=2, **arguments):
    return EmbeddingSMOTE(classes, GeometricSMOTE(**arguments), ratio=ratio)


@pytest.mark.parametrize("d", [1, 2, 7])
@pytest.mark.parametrize(("truncation", "deformation"), [(1, 0), (0, 0), (-1, 0.5), (0.4, 0.3), (-0.3, 1)])
def test_rows_are_distributed_as_at_the_table_door(device, d, truncation, deformation):
    # One row of each class: under "majority" each is the surface of the other's ball.
    h = torch.randn(2, d, generator=torch.Generator().manual_seed(d), dtype=torch.float64)
    shape = {
        "truncation_factor": truncation,
        "deformation_factor": deformation,
        "selection_strategy": "majority",
    }
    smote = layer(3000, **shape)
    rows, labels = (values[2:].cpu() for values in smote(h.to(device), torch.tensor([0, 1], device=device)))
    made = rows[labels == 0].numpy()
    # The table door's rows are tested against the paper's own listing.
    table = GeometricSMOTE(sampling_strategy={0: 2001}, random_state=0, **shape)
    theirs = table.fit_resample(h, [0, 1])[0][2:].numpy()
    a = h[0].numpy()
    for column in range(d):
        assert stats.ks_2samp(made[:, column], theirs[:, column]).pvalue > 1e-4
    ours, wanted = (np.linalg.norm(rows - a, axis=1) for rows in (made, theirs))
    assert stats.ks_2samp(ours, wanted).pvalue > 1e-4


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_row_lies_in_the_ball_that_its_surface_row_sets(device, strategy, path):
    h, y = batch()
    smote = layer(10, k_neighbors=3, selection_strategy=strategy, truncation_factor=0.0).to(device)
    rows = smote(h.to(device), y.to(device))[0][40:].cpu()
    distance = torch.cdist(h, h).fill_diagonal_(torch.inf)
    kin = distance.where(y == y.unsqueeze(1), torch.inf).sort(1).values[:, 2]
    enemy = distance.where(y != y.unsqueeze(1), torch.inf).amin(1)
    radius = {"minority": kin, "majority": enemy, "combined": torch.minimum(kin, enemy)}[strategy]
    inside = torch.cdist(rows, h[y == 1]) <= radius[y == 1] * (1 + 1e-9)
    assert inside.any(1).all()
    if strategy != "minority":  # no row of another class lies inside a ball
        around = torch.cdist(rows, h[y == 1]).where(inside, torch.inf)
        assert (around <= enemy[y == 1]).any(1).all()


def test_deformation_1_is_smote_on_the_segment():
    h, y = batch()
    whole = EmbeddingSMOTE(2)(h, y)[0][40:]
    t = {}
    for truncation in (1.0, -1.0):
        rows = layer(truncation_factor=truncation, deformation_factor=1.0, selection_strategy="minority")(
            h, y
        )
        t[truncation] = rows[0][40:]
    # The same words choose base and neighbour; the steps have another law, and opposite signs here.
    base = (t[1.0] + t[-1.0]) / 2
    assert (torch.cdist(base, h[y == 1]).amin(1) < 1e-6).all()
    cosine = torch.nn.functional.cosine_similarity(whole - base, t[1.0] - base)
    torch.testing.assert_close(cosine, torch.ones(40, dtype=torch.float64))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_dtype_is_kept_and_rows_are_finite(device, strategy, dtype):
    h, y = (values.to(device) for values in batch(dtype=torch.float32))
    h2, _ = layer(selection_strategy=strategy).to(device)(h.to(dtype), y)
    assert h2.dtype == dtype
    assert torch.isfinite(h2).all()


@pytest.mark.parametrize("masked", [False, True])
def test_half_rows_further_apart_than_the_largest_half_give_finite_rows(device, masked):
    h = torch.tensor([[4e4, 1.0], [-4e4, 2.0], [4e4, 3.0], [-4e4, 5.0]], dtype=torch.float16, device=device)
    h.requires_grad_()
    mask = (torch.ones(4, 2, dtype=torch.bool, device=device),) if masked else ()
    smote = layer(8, classes=1, selection_strategy="minority", deformation_factor=0.9).to(device)
    h2 = smote(h, torch.zeros(4, dtype=torch.int64, device=device), *mask)[0]
    assert h2.dtype == torch.float16
    assert torch.isfinite(h2).all()
    h2.sum(dtype=torch.float32).backward()
    assert torch.isfinite(h.grad).all()


def test_twins_a_lone_row_and_one_class_are_repeated(path):
    h = torch.tensor([[0.0, 0.0], [0.0, 0.0], [5.0, 5.0]], requires_grad=True)
    for strategy in STRATEGIES:
        h2, _ = layer(4, selection_strategy=strategy, truncation_factor=0.0)(h, torch.tensor([0, 0, 1]))
        if strategy != "majority":  # a lone row has no neighbour, twins a ball of no size
            assert torch.equal(h2[3:], h[2:].expand(12, 2))
        h2.sum().backward()
        assert torch.isfinite(h.grad).all()
    h2, _ = layer(4, selection_strategy="majority")(h[:2], torch.tensor([1, 1]))
    assert not h2.any()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_gradcheck_through_base_and_surface(strategy):
    h, y = batch(rows=8, dim=2)

    def rows(h):
        return layer(0.5, k_neighbors=2, selection_strategy=strategy)(h, y)[0][8:]

    assert torch.autograd.gradcheck(rows, (h.requires_grad_(),))


def test_half_detached_gradients_add_up_to_the_whole():
    h, y = batch()
    grads = {}
    for detach in (False, True, "base", "neighbor"):
        h = h.detach().requires_grad_()
        h2, _ = EmbeddingSMOTE(2, GeometricSMOTE(k_neighbors=3), detach=detach)(h, y)
        h2.square().sum().backward()
        grads[detach] = h.grad
    # Each half is linear in the upstream gradient, so the halves add up beside the real rows' own part.
    torch.testing.assert_close(grads["base"] + grads["neighbor"], grads[False] + grads[True])
    assert not torch.equal(grads["base"], grads[True])


def test_a_row_behind_its_base_has_the_label_of_the_base_alone():
    h, y = torch.tensor([[0.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1])
    smote = EmbeddingSMOTE(
        2,
        GeometricSMOTE(selection_strategy="majority", truncation_factor=0.0),
        ratio=50,
        soft_labels=True,
    )
    h2, y2 = smote(h, y)
    assert ((y2 >= 0) & (y2 <= 1)).all()
    torch.testing.assert_close(y2.sum(1), torch.ones(102))
    behind = (h2[2:, 0] < 0) | (h2[2:, 0] > 1)
    assert behind.sum() > 20
    assert (y2[2:][behind].amax(1) == 1).all()
