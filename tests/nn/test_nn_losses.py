"""The losses against their papers' formulas in float64, torch's own cross-entropy, and finite differences."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from torchsmote import FocalLoss, LDAMLoss, LogitAdjustedLoss, class_balanced_weights

COUNTS = [900, 90, 10]
WEIGHT = torch.tensor([0.5, 1.0, 3.0])
LOSSES = {
    "focal": lambda **options: FocalLoss(**options),
    "focal 0.5": lambda **options: FocalLoss(0.5, **options),
    "ldam": lambda **options: LDAMLoss(COUNTS, scale=4.0, **options),
    "adjusted": lambda **options: LogitAdjustedLoss(COUNTS, **options),
}
every = pytest.mark.parametrize("name", LOSSES)


def batch(rows=12, dtype=torch.float64, size=3.0):
    generator = torch.Generator().manual_seed(0)
    logits = size * torch.randn(rows, 3, generator=generator, dtype=torch.float64)
    shares = torch.rand(rows, 3, generator=generator, dtype=torch.float64)
    return logits.to(dtype), torch.arange(rows) % 3, shares / shares.sum(1, keepdim=True)


def softmax(values):
    top = max(values)
    powers = [math.exp(value - top) for value in values]
    return [power / sum(powers) for power in powers]


def focal(logits, label, gamma=2.0):
    p = softmax(logits)[label]
    return -((1 - p) ** gamma) * math.log(p)


def ldam(logits, label):
    margins = [0.5 * (min(COUNTS) / count) ** 0.25 for count in COUNTS]
    shifted = [4.0 * (value - margins[label] * (c == label)) for c, value in enumerate(logits)]
    return -math.log(softmax(shifted)[label])


def adjusted(logits, label):
    return -math.log(softmax([v + math.log(n / 1000) for v, n in zip(logits, COUNTS, strict=True)])[label])


SLOW = {"focal": focal, "focal 0.5": lambda z, c: focal(z, c, 0.5), "ldam": ldam, "adjusted": adjusted}


@every
def test_loss_is_the_papers(name, device):
    logits, classes, _ = batch()
    got = LOSSES[name](reduction="none").to(device)(logits.to(device), classes.to(device))
    expected = [SLOW[name](row, label) for row, label in zip(logits.tolist(), classes.tolist(), strict=True)]
    torch.testing.assert_close(got.cpu(), torch.tensor(expected, dtype=torch.float64))


@every
def test_a_soft_label_is_the_mean_over_its_classes(name):
    logits, _, shares = batch()
    loss = LOSSES[name](reduction="none", weight=WEIGHT)
    got = loss(logits, shares)
    parts = [shares[:, c] * loss(logits, torch.full((12,), c)) for c in range(3)]
    torch.testing.assert_close(got, sum(parts))


@every
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_one_hot_shares_and_classes_agree(name, weight):
    logits, classes, _ = batch()
    for reduction in ("none", "sum"):
        loss = LOSSES[name](weight=weight, reduction=reduction)
        torch.testing.assert_close(loss(logits, classes), loss(logits, one_hot(classes, 3).double()))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, WEIGHT.double()])
@pytest.mark.parametrize("soft", [False, True])
def test_special_cases_are_cross_entropy(reduction, weight, soft, device):
    logits, classes, shares = (values.to(device) for values in batch())
    target = shares if soft else classes
    options = {"weight": None if weight is None else weight.to(device), "reduction": reduction}
    plain = cross_entropy(logits, target, **options)
    shift = torch.tensor(COUNTS, device=device).double().div(1000).log()
    for loss, expected in [
        (FocalLoss(0, **options), plain),
        (LDAMLoss(COUNTS, max_margin=0, scale=1, **options), plain),
        (LogitAdjustedLoss(COUNTS, tau=0, **options), plain),
        (LogitAdjustedLoss([5, 5, 5], **options), plain),
        (LogitAdjustedLoss(COUNTS, **options), cross_entropy(logits + shift, target, **options)),
        (LogitAdjustedLoss(COUNTS, 0.5, **options), cross_entropy(logits + 0.5 * shift, target, **options)),
    ]:
        torch.testing.assert_close(loss.to(device)(logits, target), expected)


def test_tau_1_is_balanced_softmax():
    logits, classes, _ = batch()
    counts = torch.tensor(COUNTS, dtype=torch.float64)
    p = counts * logits.exp() / (counts * logits.exp()).sum(1, keepdim=True)
    got = LogitAdjustedLoss(COUNTS, reduction="none")(logits, classes)
    torch.testing.assert_close(got, -p[torch.arange(12), classes].log())


def test_margins_fall_with_the_fourth_root():
    margins = LDAMLoss([16, 81, 1], max_margin=0.6).margins
    torch.testing.assert_close(margins, torch.tensor([0.3, 0.2, 0.6], dtype=torch.float64))


@every
@pytest.mark.parametrize("soft", [False, True])
def test_gradients(name, soft):
    logits, classes, shares = batch(5)
    loss = LOSSES[name](weight=WEIGHT.double())
    target = shares if soft else classes
    assert torch.autograd.gradcheck(lambda z: loss(z, target), logits.requires_grad_())


@every
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_confident_logits_of_any_precision_stay_finite(name, dtype):
    logits = torch.tensor([[200.0, -200.0, 0.0], [-200.0, 200.0, 200.0], [0.0, 0.0, 0.0]], dtype=dtype)
    for target in (torch.tensor([0, 1, 2]), torch.tensor([1, 0, 2]), torch.full((3, 3), 1 / 3)):
        z = logits.clone().requires_grad_()
        loss = LOSSES[name]()(z, target)
        loss.backward()
        assert loss.dtype == torch.float32
        assert torch.isfinite(loss)
        assert torch.isfinite(z.grad).all()


@every
def test_a_class_that_is_ruled_out_has_a_slope_of_0(name, device):
    logits = [[0.5, 1.0, -torch.inf], [0.5, -torch.inf, -torch.inf]]
    z = torch.tensor(logits, device=device, requires_grad=True)
    loss = LOSSES[name](reduction="sum").to(device)(z, torch.zeros(2, dtype=torch.int64, device=device))
    loss.backward()
    assert loss.isfinite()
    slopes = z.grad.tolist()
    assert slopes[0][0] < 0 < slopes[0][1]
    assert slopes[0][2] == 0
    assert slopes[1] == [0, 0, 0]


def test_ldam_is_accurate_in_float32_where_one_class_leads():
    logits = torch.tensor([[1.0, 0.4, -1.0]])
    got = LDAMLoss(COUNTS)(logits, torch.tensor([0]))
    expected = LDAMLoss(COUNTS)(logits.double(), torch.tensor([0]))
    torch.testing.assert_close(got.double(), expected, rtol=1e-5, atol=0)


@every
def test_a_loss_follows_module_calls(name):
    loss = LOSSES[name](weight=WEIGHT)
    assert not loss.state_dict()
    assert list(loss.half().parameters()) == []
    logits, classes, _ = batch(dtype=torch.float16)
    assert torch.isfinite(loss(logits, classes))
    assert "reduction='mean'" in repr(loss)


@every
def test_bad_input(name):
    loss = LOSSES[name](weight=WEIGHT)
    logits, classes, shares = batch()
    for args, error, match in [
        ((logits.long(), classes), TypeError, "`logits` must be a floating tensor, got torch.int64"),
        ((logits.tolist(), classes), TypeError, "`logits` must be a floating tensor, got list"),
        ((logits[:, :2], classes), ValueError, r"`logits` must have shape \(b, 3\), got \(12, 2\)"),
        ((logits[0], classes), ValueError, "`logits` must have shape"),
        ((logits, classes + 1), ValueError, r"`target` must be in \[0, 3\), got 3"),
        ((logits, classes[:5]), ValueError, "`target` in torch.int64 must have shape"),
        ((logits, shares[:, :2]), ValueError, "`target` in torch.float64 must have shape"),
        ((logits, shares - 1), ValueError, "`target` must be shares"),
        ((logits, classes.bool()), TypeError, "`target` must be int64"),
        ((logits, classes.double()), ValueError, r"shares of each class.*; convert classes with .long\(\)"),
        ((logits, torch.eye(3)[classes].long()), ValueError, r"; of one-hot rows take .argmax\(1\)"),
    ]:
        with pytest.raises(error, match=match):
            loss(*args)
    with pytest.raises(ValueError, match='`reduction` must be "mean", "sum" or "none"'):
        LOSSES[name](reduction="avg")
    with pytest.raises(TypeError, match="`weight` must be a tensor"):
        LOSSES[name](weight=[1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="`weight` must be finite"):
        LOSSES[name](weight=-WEIGHT)


def test_bad_arguments():
    for build, match in [
        (lambda: FocalLoss(-1), "`gamma`"),
        (lambda: LDAMLoss([1, 0]), "`class_counts` must be at least 1"),
        (lambda: LDAMLoss([1, 2], max_margin=-1), "`max_margin`"),
        (lambda: LDAMLoss([1, 2], scale=0), "`scale` must be finite and above 0"),
        (lambda: LDAMLoss([5]), "`class_counts` must hold at least two classes"),
        (lambda: LogitAdjustedLoss([]), "`class_counts`"),
        (lambda: LogitAdjustedLoss([1, 2], tau=-1), "`tau`"),
        (lambda: LogitAdjustedLoss([1, 2], weight=WEIGHT), "`weight` must have shape"),
        (lambda: class_balanced_weights([1, 2], beta=1.0), "`beta` must be below 1"),
        (lambda: class_balanced_weights([1, 2], beta=-0.1), "`beta`"),
        (lambda: FocalLoss()(torch.zeros(4, 1), torch.zeros(4).long()), "a binary task needs two logits"),
        (lambda: class_balanced_weights([1.5, 2]), "`class_counts` must be whole"),
    ]:
        with pytest.raises(ValueError, match=match):
            build()


@pytest.mark.parametrize("beta", [0.0, 0.9, 0.999, 0.9999])
def test_class_balanced_weights_are_the_papers(beta):
    raw = torch.tensor([(1 - beta) / (1 - beta**n) for n in COUNTS], dtype=torch.float64)
    torch.testing.assert_close(class_balanced_weights(COUNTS, beta).double(), raw * 3 / raw.sum())
    assert abs(class_balanced_weights(COUNTS, beta).mean() - 1) < 1e-6


def test_class_balanced_weights_tend_to_inverse_frequency():
    weights = class_balanced_weights([4, 2, 1], beta=1 - 1e-12).double()
    torch.testing.assert_close(weights, torch.tensor([3 / 7, 6 / 7, 12 / 7], dtype=torch.float64))


def test_they_work_in_torchs_own_loss():
    logits, classes, _ = batch(dtype=torch.float32)
    weight = class_balanced_weights(COUNTS)
    torch.testing.assert_close(
        torch.nn.CrossEntropyLoss(weight=weight)(logits, classes), FocalLoss(0, weight)(logits, classes)
    )
