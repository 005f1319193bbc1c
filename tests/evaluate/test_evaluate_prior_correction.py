"""PriorCorrection: Bayes' rule, both ways in, containers, modules, compiled graphs; reliability curves."""

import copy
import re

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from torchsmote import LogitAdjustedLoss, RandomOverSampler, RandomUnderSampler
from torchsmote.evaluate import PriorCorrection, plot_reliability, reliability_curve

SHARE = st.floats(0.001, 0.999)


def vectors(n_classes):
    weights = st.lists(st.floats(0.01, 1), min_size=n_classes, max_size=n_classes)
    return weights.map(lambda w: (torch.tensor(w, dtype=torch.float64) / sum(w)).tolist())


@pytest.fixture(scope="module")
def table():
    """Two normal classes of equal covariance, for which the logistic model is exact; 5 % positives."""
    rng = np.random.default_rng(0)
    y = (rng.random(40_000) < 0.05).astype(int)
    return rng.normal(size=(40_000, 2)) + np.outer(y, [1.0, 0.5]), y


@pytest.mark.parametrize("sampler", [RandomOverSampler, RandomUnderSampler])
def test_a_logistic_model_of_resampled_rows_gets_its_true_intercept_back(table, sampler):
    X, y = table
    X_train, y_train = sampler(random_state=0).fit_resample(X, y)
    model = LogisticRegression(C=1e6).fit(X_train, y_train)
    correction = PriorCorrection.from_labels(y_train, y)
    true = logit(y.mean()) - 0.5 * (1.0**2 + 0.5**2)  # Bayes' rule of the two normal densities
    assert abs(model.intercept_[0] - true) > 2.5
    corrected = correction(torch.from_numpy(model.intercept_))
    assert corrected.item() == pytest.approx(true, abs=0.15)
    p = correction.transform(model.predict_proba(X))[:, 1]
    assert p.mean() == pytest.approx(y.mean(), abs=0.003)
    before, after = (reliability_curve(y, q) for q in (model.predict_proba(X)[:, 1], p))
    assert before.ece > 0.2
    assert after.ece < 0.01


@settings(max_examples=50)
@given(SHARE, SHARE, st.lists(st.floats(-8, 8), min_size=1, max_size=5))
def test_one_logit_is_shifted_by_the_difference_of_log_odds(train, true, values):
    correction, z = PriorCorrection(train, true), torch.tensor(values, dtype=torch.float64)
    wanted = z.numpy() + logit(true) - logit(train)
    np.testing.assert_allclose(correction(z).numpy(), wanted, atol=1e-5)
    np.testing.assert_allclose(correction(z[:, None]).numpy(), wanted[:, None], atol=1e-5)
    p = expit(z.numpy())
    np.testing.assert_allclose(correction.transform(p), expit(wanted), atol=1e-5)
    two = torch.stack((torch.zeros_like(z), z), 1)
    np.testing.assert_allclose(correction(two).softmax(1)[:, 1].numpy(), expit(wanted), atol=1e-5)
    np.testing.assert_allclose(correction.transform(two.softmax(1))[:, 1].numpy(), expit(wanted), atol=1e-5)


@settings(max_examples=50)
@given(vectors(4), vectors(4), st.integers(0, 2**31))
def test_logits_and_probabilities_agree_and_a_round_trip_ends_where_it_began(train, true, seed):
    z = 3 * torch.randn(6, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    there, back = PriorCorrection(train, true), PriorCorrection(true, train)
    p = z.softmax(1)
    corrected = there.transform(p)
    torch.testing.assert_close(there(z).softmax(1), corrected, atol=1e-6, rtol=0)
    torch.testing.assert_close(corrected.sum(1), torch.ones(6, dtype=torch.float64))
    torch.testing.assert_close(back.transform(corrected), p, atol=1e-6, rtol=0)
    torch.testing.assert_close(back(there(z)), z, atol=1e-9, rtol=0)
    torch.testing.assert_close(there.transform(p.numpy()), corrected.numpy())


def test_under_sampling_is_the_formula_of_dal_pozzolo():
    p, kept, share = np.linspace(0, 1, 11), 0.1, 0.02  # a tenth of the negatives are kept
    train = share / (share + (1 - share) * kept)
    wanted = kept * p / (kept * p - p + 1)
    np.testing.assert_allclose(PriorCorrection(train, share).transform(p), wanted, atol=1e-6)


def test_the_logit_adjusted_loss_is_cross_entropy_of_logits_for_the_true_shares():
    counts = torch.tensor([80, 15, 5])
    z = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([0, 1, 2, 0, 1, 2, 0])
    correction = PriorCorrection([1 / 3] * 3, counts / counts.sum())
    loss = torch.nn.functional.cross_entropy(correction(z), y)
    torch.testing.assert_close(loss, LogitAdjustedLoss(counts)(z, y))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 2)])
def test_shape_dtype_and_device_come_back(shape, dtype, device):
    correction = PriorCorrection(0.5, 0.1).to(device)
    z = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(device, dtype)
    p = z.softmax(1) if shape == (5, 2) else z.sigmoid()
    kept = p.clone()
    for given_, found in ((z, correction(z)), (p, correction.transform(p))):
        assert (found.shape, found.dtype, found.device) == (given_.shape, given_.dtype, given_.device)
    assert torch.equal(p, kept)
    torch.testing.assert_close(
        correction(z.double()).to(dtype), correction(z), atol=1e-2 if dtype.itemsize == 2 else 1e-5, rtol=1e-2
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f8"])
def test_arrays_come_back_as_they_were(dtype):
    p = np.array([0.0, 0.2, 0.5, 1.0], dtype=dtype)[::-1]
    p.flags.writeable = False
    found = PriorCorrection(0.5, 0.2).transform(p)
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.shape) == (p.dtype, p.shape)
    np.testing.assert_allclose(found.astype(float), [1, 0.2, 1 / 17, 0], atol=1e-3)


def test_gradients_are_those_of_the_formula():
    correction = PriorCorrection([0.3, 0.3, 0.4], [0.7, 0.2, 0.1])
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(correction, z)
    assert torch.autograd.gradcheck(lambda z: correction.transform(z.softmax(1)), z)
    single = PriorCorrection(0.5, 0.1)
    edge = torch.tensor([0.0, 0.4, 1.0], requires_grad=True)
    single.transform(edge).sum().backward()
    assert bool(edge.grad.isfinite().all())


def test_compiled_in_one_graph_with_gradients(device):
    correction = PriorCorrection(0.5, 0.1).to(device)

    def step(z):
        return correction(z), correction.transform(z.softmax(1))

    z = torch.randn(6, 2, generator=torch.Generator().manual_seed(0)).to(device)
    eager, compiled = z.clone().requires_grad_(), z.clone().requires_grad_()
    wanted = step(eager)
    found = torch.compile(step, fullgraph=True, backend="aot_eager")(compiled)
    for w, f in zip(wanted, found, strict=True):
        torch.testing.assert_close(f, w)
    (wanted[0].square().sum() + wanted[1].square().sum()).backward()
    (found[0].square().sum() + found[1].square().sum()).backward()
    torch.testing.assert_close(compiled.grad, eager.grad)


def test_a_head_moves_and_is_saved_with_its_network():
    z = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    network = torch.nn.Sequential(torch.nn.Flatten(), PriorCorrection([0.25] * 4, [0.7, 0.1, 0.1, 0.1]))
    other = torch.nn.Sequential(torch.nn.Flatten(), PriorCorrection([0.25] * 4, [0.25] * 4))
    torch.testing.assert_close(other(z), z)
    other.load_state_dict(network.state_dict())
    torch.testing.assert_close(other(z), network(z))
    assert not list(network.parameters())
    torch.testing.assert_close(network.eval()(z), copy.deepcopy(network).train()(z))
    assert copy.deepcopy(network).double()(z.double()).dtype == torch.float64
    assert "true_prior=[0.7, 0.1, 0.1, 0.1]" in repr(network)


@pytest.mark.parametrize(
    "train",
    [0.5, [0.5, 0.5], np.array([0.5, 0.5]), torch.tensor(0.5), np.float32(0.5), np.array(0.5)],
    ids=["float", "list", "array", "tensor", "numpy float", "array without axes"],
)
def test_priors_may_be_numbers_or_vectors(train):
    torch.testing.assert_close(
        PriorCorrection(train, 0.1)(torch.zeros(1)), torch.tensor([logit(0.1)]).float()
    )


@pytest.mark.parametrize(
    ("train", "true", "kind", "message"),
    [
        (0, 0.1, ValueError, "`train_prior` must have shares above 0"),
        (0.5, 1.0, ValueError, "`true_prior` must have shares above 0"),
        (0.5, float("nan"), ValueError, "`true_prior` must have shares above 0"),
        ([50, 50], 0.1, ValueError, "`train_prior` must have shares"),
        ([0.5, 0.3], 0.1, ValueError, "must sum to 1"),
        ([1.0], 0.1, ValueError, "shape (1,)"),
        ([[0.5, 0.5]], 0.1, ValueError, "shape (1, 2)"),
        ("half", 0.1, TypeError, "`train_prior` must be the share"),
        (None, 0.1, TypeError, "`train_prior` must be the share"),
        (["a", "b"], 0.1, TypeError, "`train_prior` must hold"),
        ([0.2, 0.3, 0.5], 0.1, ValueError, "got 3 and 2"),
    ],
)
def test_bad_priors_are_refused(train, true, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        PriorCorrection(train, true)


def test_priors_of_a_series_go_by_its_index():
    """value_counts puts the most frequent class first, whichever it is."""
    for labels in ([0, 1, 1, 1], ["no", "yes", "yes", "yes"]):
        shares = pd.Series(labels).value_counts(normalize=True)
        assert PriorCorrection(shares, 0.1).train_prior.tolist() == [0.25, 0.75]


def test_rare_classes_keep_their_share():
    rare = PriorCorrection(0.5, 1e-9)
    assert rare.transform(np.array([0.5]))[0] == pytest.approx(1e-9, rel=1e-6)
    with pytest.raises(ValueError, match="`true_prior` must have shares above 0"):
        PriorCorrection(0.5, 1e-60)  # which float32 has not


def test_priors_from_labels():
    correction = PriorCorrection.from_labels([0, 1, 2], torch.tensor([0, 0, 1, 2]))
    assert correction.true_prior.tolist() == [0.5, 0.25, 0.25]
    with pytest.raises(ValueError, match=re.escape("got [0, 1] and [0, 1, 2]")):
        PriorCorrection.from_labels([0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="at least two"):
        PriorCorrection.from_labels([0], [0])


@pytest.mark.parametrize(
    ("call", "given_", "kind", "message"),
    [
        ("forward", torch.zeros(3, 3), ValueError, "`logits` must have shape (b,), (b, 1) or (b, 2)"),
        ("forward", torch.zeros(2, 2, 2), ValueError, "got (2, 2, 2)"),
        ("forward", torch.zeros(()), ValueError, "got ()"),
        ("forward", torch.zeros(3, dtype=torch.int64), TypeError, "floating tensor, got torch.int64"),
        ("forward", np.zeros(3), TypeError, "of probabilities use transform"),
        ("transform", torch.zeros(3, 3), ValueError, "`probabilities` must have shape"),
        ("transform", [0.5], TypeError, "convert them with numpy.asarray"),
        ("transform", np.array([0, 1]), TypeError, "floating point, at most float64, got int64"),
        ("transform", torch.tensor([0, 1]), TypeError, "floating point, got torch.int64"),
        ("transform", np.array([0.5, 1.5]), ValueError, "row 1 has 1.5; for logits call the module"),
        ("transform", np.array([0.5, np.nan]), ValueError, "row 1 has nan"),
        ("transform", torch.tensor([[0.5, 0.5], [0.2, 0.2]]), ValueError, "sum to 1 in each row, but row 1"),
    ],
)
def test_bad_rows_are_refused(call, given_, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        getattr(PriorCorrection(0.5, 0.1), call)(given_)


def test_rows_on_another_device_say_where_to_move():
    with pytest.raises(ValueError, match=re.escape("module with .to('meta')")):
        PriorCorrection(0.5, 0.1)(torch.zeros(2, device="meta"))


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.integers(1, 20))
def test_reliability_is_scikit_learns_calibration_curve(seed, n_bins):
    rng = np.random.default_rng(seed)
    p = rng.choice([0.0, 0.05, 0.3, 0.31, 0.7, 1.0], 50)
    y = np.append((rng.random(48) < p[:48]).astype(int), [0, 1])
    curve = reliability_curve(y, p, n_bins)
    filled = curve.count > 0
    observed, predicted = calibration_curve(y, p, n_bins=n_bins)
    np.testing.assert_allclose(curve.observed[filled], observed)
    np.testing.assert_allclose(curve.predicted[filled], predicted)
    assert np.isnan(curve.observed[~filled]).all()
    assert (len(curve.count), curve.count.sum()) == (n_bins, 50)
    gaps = np.abs(observed - predicted) * curve.count[filled] / 50
    assert curve.ece == pytest.approx(gaps.sum(), abs=1e-12)


def test_reliability_before_and_after_in_one_picture(tmp_path):
    y, p = np.array([0, 0, 0, 1]), np.array([0.2, 0.5, 0.6, 0.8])
    curves = {name: reliability_curve(y, q) for name, q in (("before", p), ("after", p / 2))}
    figure = plot_reliability(curves, title="both")
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["calibrated", "before (ECE 0.375)", "after (ECE 0.312)"]
    figure.savefig(tmp_path / "both.png")
    assert (tmp_path / "both.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="`curves` holds no curve"):
        plot_reliability({})


@pytest.mark.parametrize(
    ("p", "n_bins", "kind", "message"),
    [
        ([0.1, 1.5], 10, ValueError, "row 1 has 1.5"),
        ([0.1, 0.2], 0, ValueError, "`n_bins` must be at least 1"),
        ([0.1, 0.2], 2.5, TypeError, "`n_bins` must be an int"),
    ],
)
def test_bad_reliability_arguments_are_refused(p, n_bins, kind, message):
    with pytest.raises(kind, match=re.escape(message)):
        reliability_curve([0, 1], p, n_bins)
