"""LatentSMOTE: the resampler's rows between the codes, decoded; networks left alone; bad input."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from torchsmote import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    SMOTEN,
    BorderlineSMOTE,
    DataWarning,
    FewSamplesWarning,
    GeometricSMOTE,
    LatentSMOTE,
    NothingSampledWarning,
    RandomOverSampler,
    RandomUnderSampler,
)


class Map(nn.Module):
    """``a * x`` and no parameter; it remembers how many rows it saw at a time."""

    def __init__(self, function):
        super().__init__()
        self.function, self.sizes = function, []

    def forward(self, x):
        self.sizes.append(len(x))
        return self.function(x)


def same(**options):
    return LatentSMOTE(nn.Identity(), nn.Identity(), **options)


def table(device="cpu", dtype=torch.float64, shape=(4,)):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(60, *shape, generator=generator, dtype=torch.float64)
    y = torch.tensor([2] * 30 + [0] * 20 + [1] * 10)
    X = X + y.reshape(-1, *[1] * len(shape))
    return X.to(device, dtype), y.to(device)


def linear(n_in, n_out, device, seed=0):
    layer = nn.utils.skip_init(nn.Linear, n_in, n_out, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return layer.to(device)


@pytest.mark.parametrize(
    "resampler", [SMOTE(random_state=3), ADASYN(random_state=3), GeometricSMOTE(random_state=3)]
)
def test_identity_networks_give_the_resamplers_own_rows(device, resampler):
    X, y = table(device)
    got, expected = same(resampler=resampler).fit_resample(X, y), resampler.fit_resample(X, y)
    assert torch.equal(got[0], expected[0])
    assert torch.equal(got[1], expected[1])


def test_the_seed_rules_where_the_resampler_has_none():
    X, y = table()
    rows = [same(seed=seed).fit_resample(X, y)[0] for seed in (4, 4, 5)]
    assert torch.equal(rows[0], SMOTE(random_state=4).fit_resample(X, y)[0])
    assert torch.equal(rows[0], rows[1])
    assert not torch.equal(rows[0], rows[2])


def test_linear_networks_against_a_slow_reference(device):
    X, y = table(device)
    encoder, decoder = linear(4, 3, device), linear(3, 4, device, seed=1)
    latent = LatentSMOTE(encoder, decoder, SMOTE(k_neighbors=3), seed=2)
    rows, _ = latent.fit_resample(X, y)
    assert torch.equal(rows[:60], X)
    w, b = encoder.weight.detach(), encoder.bias.detach()
    v, c = decoder.weight.detach(), decoder.bias.detach()
    codes = torch.stack([w @ x + b for x in X])
    torch.testing.assert_close(latent.codes_, codes)
    draws = latent.draws_
    for j, (base, neighbor, step) in enumerate(zip(draws.base, draws.neighbor, draws.step, strict=True)):
        near = sorted(
            (float((codes[base] - codes[i]).norm()), i) for i in range(60) if y[i] == y[base] and i != base
        )
        assert int(neighbor) in [i for _, i in near[:3]]  # neighbours of the codes, not of the rows
        code = codes[base] + step * (codes[neighbor] - codes[base])
        torch.testing.assert_close(rows[60 + j], v @ code + c)


@pytest.mark.parametrize(
    ("strategy", "counts"),
    [("auto", [30, 30, 30]), ("minority", [20, 30, 30]), ({0: 25, 1: 11, 2: 30}, [25, 11, 30])],
)
def test_counts_are_the_resamplers(strategy, counts):
    X, y = table()
    latent = same(resampler=SMOTE(sampling_strategy=strategy))
    _, labels = latent.fit_resample(X, y)
    assert labels.bincount().tolist() == counts
    added = dict(enumerate(counts - y.bincount().numpy()))
    assert {k: v for k, v in latent.sampling_strategy_.items() if v} == {k: v for k, v in added.items() if v}


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_rows_keep_dtype_and_device_whatever_the_networks_have(device, dtype):
    X, y = table(device, dtype)
    before = X.clone()
    rows, labels = LatentSMOTE(linear(4, 2, device), linear(2, 4, device).float()).fit_resample(X, y)
    assert (rows.dtype, rows.device, rows.shape) == (dtype, X.device, (90, 4))
    assert torch.equal(rows[:60], before)
    assert torch.equal(X, before)
    assert labels.device == y.device


def test_images_keep_their_shape_and_whole_numbers_are_rounded(device):
    X, y = table(device, shape=(1, 3, 5))
    pixels = (X * 30 + 100).clamp(0, 255).to(torch.uint8)
    latent = LatentSMOTE(nn.Flatten(), nn.Unflatten(1, (1, 3, 5)))
    with pytest.warns(DataWarning, match="whole numbers: .*rounded. Give X in a floating dtype"):
        rows, _ = latent.fit_resample(pixels, y)
    assert rows.shape == (90, 1, 3, 5)
    assert rows.dtype == torch.uint8
    exact = SMOTE(random_state=0).fit_resample(pixels.double(), y)[0]
    assert torch.equal(rows, exact.round().to(torch.uint8))


def test_networks_are_left_exactly_as_they_were(device):
    X, y = table(device)
    encoder = nn.Sequential(
        linear(4, 4, device), nn.BatchNorm1d(4, device=device, dtype=torch.float64), nn.Dropout(0.5)
    )
    decoder = nn.Sequential(linear(4, 4, device), nn.Dropout(0.5)).eval()
    decoder[1].train()
    before = copy.deepcopy((encoder.state_dict(), decoder.state_dict()))
    modes = [part.training for module in (encoder, decoder) for part in module.modules()]
    latent = LatentSMOTE(encoder, decoder, batch_size=7)
    rows, _ = latent.fit_resample(X, y)
    more = latent.sample(4, label=1)
    assert [part.training for module in (encoder, decoder) for part in module.modules()] == modes
    for state, kept in zip((encoder.state_dict(), decoder.state_dict()), before, strict=True):
        assert all(torch.equal(state[name], kept[name]) for name in kept)
    assert not rows.requires_grad
    assert not more.requires_grad
    assert all(parameter.requires_grad and parameter.grad is None for parameter in encoder.parameters())
    again, _ = LatentSMOTE(encoder, decoder).fit_resample(X, y)  # no dropout, whatever the batch
    torch.testing.assert_close(again, rows)


def test_a_buffer_that_counts_calls_is_put_back():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

        def forward(self, x):
            self.calls += 1
            return x

    networks = Counting(), Counting()
    LatentSMOTE(*networks).fit(*table()).sample(2, 1)
    assert [int(network.calls) for network in networks] == [0, 0]


def test_modes_come_back_after_an_error():
    X, y = table()
    decoder = nn.Sequential(linear(4, 5, "cpu"))
    with pytest.raises(ValueError, match=r"`decoder` must return rows like those of X, here shape \(1, 4\)"):
        LatentSMOTE(nn.Identity(), decoder).fit(X, y)
    assert decoder.training


def test_networks_see_a_batch_at_a_time():
    X, y = table()
    encoder, decoder = Map(torch.sin), Map(torch.neg)
    rows, _ = LatentSMOTE(encoder, decoder, batch_size=13).fit_resample(X, y)
    assert encoder.sizes == [13] * 4 + [8]
    assert max(decoder.sizes) == 13
    assert sum(decoder.sizes) == 30 + 1  # and one code, decoded to see whether the decoder fits
    whole, _ = LatentSMOTE(Map(torch.sin), Map(torch.neg)).fit_resample(X, y)
    assert torch.equal(rows, whole)


@pytest.mark.parametrize(
    "resampler",
    [
        None,
        SMOTE(k_neighbors=3),
        ADASYN(),
        BorderlineSMOTE(),
        GeometricSMOTE(),
        RandomOverSampler(shrinkage=1.0),
    ],
    ids=repr,
)
@pytest.mark.parametrize("n", [1, 7, 40])
def test_sample_gives_exactly_n_rows_of_the_class(device, resampler, n):
    X, y = table(device)
    latent = same(resampler=resampler).fit(X, y)
    for label in (0, 1, 2):
        rows = latent.sample(n, label)
        assert rows.shape == (n, 4)
        assert (rows.dtype, rows.device) == (X.dtype, X.device)
        assert bool(rows.isfinite().all())


def test_samples_lie_between_rows_of_their_class():
    X = torch.arange(24.0).reshape(24, 1)
    y = ["rare"] * 8 + ["often"] * 16
    latent = same().fit(X, y)
    assert 0 <= latent.sample(50, "rare").min() < latent.sample(50, "rare").max() <= 7
    assert latent.sample(50, "often").min() >= 8


def test_samples_are_fresh_at_each_call_and_reproducible():
    X, y = table()
    first, second = same(seed=1).fit(X, y), same(seed=1).fit(X, y)
    rows = [first.sample(5, 1), first.sample(5, 1)]
    assert not torch.equal(*rows)
    assert all(torch.equal(row, second.sample(5, 1)) for row in rows)
    assert torch.equal(first.fit(X, y).sample(5, 1), rows[0])
    assert not torch.equal(same(seed=2).fit(X, y).sample(5, 1), rows[0])


def test_samples_come_in_the_container_that_was_fitted():
    X, y = table()
    frame = pd.DataFrame(X.numpy(), columns=list("abcd"))
    rows = same().fit(frame, y.numpy()).sample(3, label=np.int64(1))
    assert isinstance(rows, pd.DataFrame)
    assert list(rows.columns) == list("abcd")
    np.testing.assert_array_equal(rows, same().fit(X, y).sample(3, label=1))


def test_a_method_that_finds_no_row_to_start_from_says_so():
    X = torch.cat((torch.arange(20.0), torch.arange(1000.0, 1010.0))).unsqueeze(1)  # nothing in danger
    latent = same(resampler=BorderlineSMOTE()).fit(X, [0] * 20 + [1] * 10)
    with (
        pytest.warns(NothingSampledWarning),
        pytest.raises(ValueError, match="BorderlineSMOTE makes too few rows of class 1"),
    ):
        latent.sample(3, 1)


def test_a_class_of_one_row():
    X, y = torch.arange(8.0).reshape(8, 1), ["a"] * 7 + ["b"]
    with pytest.raises(ValueError, match="class 'b' has 1 samples"):
        same().fit_resample(X, y)
    with pytest.raises(ValueError, match="class 'b' has 1 samples"):
        same().fit(X, y).sample(2, "b")
    latent = same(resampler=SMOTE(few_samples="duplicate"))
    with pytest.warns(FewSamplesWarning):
        rows, _ = latent.fit_resample(X, y)
    assert rows[8:].unique().tolist() == [7.0]


@pytest.mark.parametrize(
    ("encoder", "error", "message"),
    [
        (nn.Identity, TypeError, "`encoder` is the class Identity; give a trained torch.nn.Module object"),
        (torch.sin, TypeError, "`encoder` is a builtin_function_or_method"),
        (
            Map(lambda x: x.unsqueeze(1)),
            ValueError,
            r"codes of shape \(b, z\), here \(60, z\), got \(60, 1, 4\)",
        ),
        (Map(lambda x: x[:, 0]), ValueError, r"got \(60,\)"),
        (Map(lambda x: x[:1]), ValueError, r"got \(1, 4\)"),
        (Map(lambda x: (x, x)), TypeError, "`encoder` must return one floating point tensor, got tuple"),
        (Map(lambda x: x.long()), TypeError, "got torch.int64"),
        (Map(lambda x: x / (x != x[3])), ValueError, "`encoder` gave NaN or infinity for row 3"),
    ],
)
def test_bad_encoders(encoder, error, message):
    X, y = table()
    with pytest.raises(error, match=message):
        LatentSMOTE(encoder, nn.Identity()).fit(X, y)


@pytest.mark.parametrize(
    ("function", "dtype"),
    [
        (lambda z: z / (z != z), torch.float32),
        (lambda z: z + 1e6, torch.float16),  # finite, but not in X's dtype
        (lambda z: z * torch.nan, torch.int32),
    ],
)
@pytest.mark.filterwarnings("ignore:.*whole numbers")
def test_decoded_rows_must_be_finite(function, dtype, device):
    X, y = table(device, dtype)
    encoder = Map(lambda x: x.float())
    with pytest.raises(ValueError, match="`decoder` gave NaN, infinity or more than"):
        LatentSMOTE(encoder, Map(function)).fit_resample(X, y)


def test_a_decoder_that_fails_on_a_synthetic_code_alone_is_named():
    X, y = table()
    decoder = Map(lambda z: torch.where((z - X[:1]).abs().sum(1, keepdim=True) > 0, torch.nan, z))
    latent = LatentSMOTE(nn.Identity(), decoder).fit(X, y)
    with pytest.raises(ValueError, match="`decoder` gave NaN"):
        latent.sample(2, 1)


def test_networks_that_draw_are_seeded_and_move_no_global_state(device):
    X, y = table(device)
    noisy = nn.Sequential(linear(4, 4, device), Map(lambda x: x + torch.randn_like(x)))
    state = torch.get_rng_state()
    one, same_seed, other = (LatentSMOTE(noisy, noisy, seed=seed).fit_resample(X, y)[0] for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(one, same_seed)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resampler": SMOTE}, "`resampler` is the class SMOTE; give an over-sampler object"),
        ({"resampler": RandomUnderSampler()}, "`resampler` is a RandomUnderSampler"),
        ({"resampler": SMOTEENN()}, "`resampler` is a SMOTEENN"),
        ({"resampler": SMOTEN()}, "SMOTEN votes on categories"),
        ({"resampler": SMOTE(k_neighbors=0)}, "k_neighbors"),
        ({"batch_size": 0}, "batch_size"),
        ({"seed": -1}, "seed"),
        ({"seed": None}, "seed"),
    ],
)
def test_bad_arguments_are_named_before_any_work(options, message):
    encoder = Map(torch.sin)
    with pytest.raises((TypeError, ValueError), match=message):
        LatentSMOTE(encoder, nn.Identity(), **options).fit(*table())
    assert not encoder.sizes


@pytest.mark.parametrize(
    ("n", "label", "error", "message"),
    [
        (0, 1, ValueError, "`n` must be at least 1"),
        (2.0, 1, TypeError, "`n` must be an int"),
        (2, 7, ValueError, r"`label` must be one of the fitted classes \[0, 1, 2\], got 7"),
        (2, np.array([1, 2]), ValueError, r"`label` must be one of .* got array"),
    ],
)
def test_bad_samples(n, label, error, message):
    with pytest.raises(error, match=message):
        same().fit(*table()).sample(n, label)


def test_sample_needs_a_fit():
    with pytest.raises(ValueError, match="not fitted"):
        same().sample(1, 1)


def test_bad_tables():
    X, y = table()
    with pytest.raises(ValueError, match="NaN"):
        same().fit(X.index_fill(0, torch.tensor([2]), torch.nan), y)
    with pytest.raises(ValueError, match="60 rows but `y` has 59"):
        same().fit(X, y[:-1])
    with pytest.raises(TypeError, match=r"`X` is a list of rows that are no vectors"):
        same().fit(torch.zeros(4, 2, 3).tolist(), [0, 0, 1, 1])
