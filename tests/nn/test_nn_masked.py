"""Sequences with masks: which values a synthetic row has, and that invalid steps have no influence."""

import pytest
import torch
from scipy import stats

from torchsmote import ADASYN, EOS, SMOTE, BorderlineSMOTE, GaussianSMOTE, GeometricSMOTE, SafeLevelSMOTE
from torchsmote.nn import EmbeddingSMOTE
from torchsmote.nn.batch import draw_in_batch
from torchsmote.nn.words import step_words

METHODS = [
    None,
    BorderlineSMOTE(kind="borderline-2"),
    ADASYN(),
    EOS(),
    SafeLevelSMOTE(),
    GaussianSMOTE(k_neighbors=3),
    GeometricSMOTE(k_neighbors=2),
    GeometricSMOTE(selection_strategy="majority", deformation_factor=1.0),
]


def batch(rows=24, t=6, d=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    h = torch.randn(rows, t, d, generator=generator)
    y = (torch.arange(rows) % 4 == 0).long()
    length = torch.randint(1, t + 1, (rows,), generator=generator)
    return h, y, torch.arange(t) < length.unsqueeze(1)


def layer(method=None, **options):
    return EmbeddingSMOTE(2, method, **options)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_what_stands_in_invalid_steps_has_no_influence(device, method):
    h, y, mask = (values.to(device) for values in batch())
    results = []
    for filler in (0.0, 1e30, torch.nan):
        given = torch.where(mask.unsqueeze(2), h, filler).requires_grad_()
        h2, y2, mask2 = layer(method, soft_labels=True)(given, y, mask)
        torch.where(mask2.unsqueeze(2), h2, 0).square().sum().backward()
        results.append((h2.detach()[mask2], y2, mask2, given.grad[mask]))
        assert torch.isfinite(results[-1][0]).all()
        assert torch.isfinite(given.grad).all()
    for result in results[1:]:
        for left, right in zip(results[0], result, strict=True):
            torch.testing.assert_close(left, right)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_full_mask_changes_nothing(device, method):
    h, y, _ = (values.to(device) for values in batch())
    full = torch.ones(24, 6, dtype=torch.bool, device=device)
    h2, y2, mask2 = layer(method)(h, y, full)
    plain, labels = layer(method)(h, y)
    torch.testing.assert_close(h2, plain)
    assert torch.equal(y2, labels)
    assert mask2.shape == (48, 6)
    assert mask2.all()


def test_a_row_is_interpolated_where_both_are_valid_and_has_the_bases_values_elsewhere(device):
    h, y, mask = (values.to(device) for values in batch(seed=1))
    smote = layer(SMOTE(k_neighbors=3), ratio=3.0).to(device)
    h2, y2, mask2 = smote(h, y, mask)
    words = step_words(72, 1, 0, torch.tensor(0), device)
    lacks = torch.tensor([0, 12], device=device)
    drawn = draw_in_batch(h, y, lacks, words, smote.method, mask)
    assert torch.equal(mask2, torch.cat((mask, mask[drawn.base])))
    assert torch.equal(y2[24:], y[drawn.base])
    both = (mask[drawn.base] & mask[drawn.neighbor]).unsqueeze(2)
    base, neighbor = h[drawn.base], h[drawn.neighbor]
    mixed = torch.lerp(base, neighbor, drawn.step.reshape(-1, 1, 1))
    torch.testing.assert_close(h2[24:], torch.where(both, mixed, base))
    assert not both.all()
    assert torch.equal(h2[:24], h)


def test_the_search_takes_an_invalid_step_as_its_mean():
    # Step 1 of row 3 is invalid: as the mean of that step, 6, it is nearer to row 2 than to rows 0 and 1.
    h = torch.tensor([[[0.0], [1.0]], [[0.1], [1.0]], [[0.2], [10.0]], [[0.0], [99.0]], [[0.0], [12.0]]])
    mask = torch.tensor([[True, True]] * 3 + [[True, False]] + [[True, True]])
    smote = layer(SMOTE(k_neighbors=1), ratio=8.0, class_counts=[0, 0])
    h2, *_ = smote(h, torch.zeros(5, dtype=torch.int64), mask)
    words = step_words(40, 1, 0, torch.tensor(0), torch.device("cpu"))
    drawn = draw_in_batch(h, torch.zeros(5, dtype=torch.int64), torch.zeros(2), words, smote.method, mask)
    assert set(drawn.neighbor[drawn.base == 3].tolist()) == {2}
    assert (h2[5:][drawn.base == 3][:, 1] == 99).all()  # its own value, where it is not valid itself


def test_a_ball_extends_in_shared_steps_alone():
    h, y, mask = batch(seed=2)
    smote = layer(GeometricSMOTE(selection_strategy="majority", truncation_factor=0.0), ratio=4.0)
    rows = smote(h, y, mask)[0][24:]
    words = step_words(96, 1, 0, torch.tensor(0), torch.device("cpu"))
    drawn = draw_in_batch(h, y, torch.tensor([0, 12]), words, smote.method, mask)
    both = mask[drawn.base] & mask[drawn.neighbor]
    base, surface = h[drawn.base], h[drawn.neighbor]
    assert torch.equal(rows[~both], base[~both])
    moved, radius = (torch.where(both.unsqueeze(2), end - base, 0) for end in (rows, surface))
    reach = moved.flatten(1).norm(dim=1) / radius.flatten(1).norm(dim=1)
    assert (reach <= 1 + 1e-5).all()
    # The distance from the centre of a ball of d dimensions, to the power of d, is uniform.
    uniform = reach.double() ** (3 * both.sum(1))
    assert stats.kstest(uniform.numpy(), "uniform").pvalue > 1e-3


def test_rows_without_a_common_step_are_repeated():
    h = torch.tensor([[[1.0], [50.0]], [[50.0], [2.0]]])
    mask = torch.tensor([[True, False], [False, True]])
    for method in METHODS:
        h2, _, mask2 = layer(method, ratio=3.0)(h, torch.tensor([1, 1]), mask)
        assert torch.equal(h2[2:], h[(mask2[2:, 1]).long()])


def test_a_row_with_no_valid_step_is_legal():
    h, y, mask = batch()
    mask[3] = mask[4] = False
    for method in METHODS:
        h2, _, mask2 = layer(method)(h, y, mask)
        assert torch.isfinite(h2).all()
        assert not mask2[3].any()


def test_the_same_three_objects_where_nothing_is_made():
    h, y, mask = batch()
    for smote in (layer().eval(), layer(start_epoch=1), layer(ratio=0.0)):
        for got, given in zip(smote(h, y, mask), (h, y, mask), strict=True):
            assert got is given
    assert layer().eval()(h, None, mask)[1] is None


def test_steps_of_single_values_and_of_images():
    for shape in ((5, 4), (5, 4, 2, 2, 2)):
        h = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        h2, _, mask2 = layer()(h, torch.tensor([0, 0, 0, 1, 1]), torch.ones(5, 4, dtype=torch.bool))
        assert h2.shape == (10, *shape[1:])
        assert mask2.shape == (10, 4)


H, Y, MASK = batch()


@pytest.mark.parametrize(
    ("mask", "error", "facts"),
    [
        (MASK.tolist(), TypeError, "`mask`.*list"),
        (MASK.float(), TypeError, "`mask`.*bool.*float32"),
        (MASK[:, :3], ValueError, r"`mask`.*\(24, 6\).*\(24, 3\)"),
        (MASK.T, ValueError, r"`mask`.*\(24, 6\).*\(6, 24\)"),
    ],
)
def test_bad_masks(mask, error, facts):
    with pytest.raises(error, match=facts):
        layer()(H, Y, mask)


def test_a_mask_and_a_bank_exclude_each_other():
    with pytest.raises(ValueError, match=r"`mask`.*bank_size=0"):
        layer(bank_size=6)(H, Y, MASK)


def test_debug_sees_valid_steps_alone():
    h = torch.where(MASK.unsqueeze(2), H, torch.nan)
    layer(debug=True)(h, Y, MASK)
    row, step = (int(place) for place in MASK.nonzero()[-1])
    h[row, step, 0] = torch.inf
    with pytest.raises(ValueError, match=f"row {row}"):
        layer(debug=True)(h, Y, MASK)
