"""DeepSMOTE: the losses against a slow reference, the steps, the networks, training, and bad input."""

import itertools
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from torchsmote import ADASYN, SMOTE, DeepSMOTE, LatentSMOTE, load_digits_imbalanced
from torchsmote.nn.latent import deep_smote
from torchsmote.nn.latent.autoencoder import FromScale, ToScale, build, scale_of
from torchsmote.nn.latent.penalty import step_losses
from torchsmote.nn.latent.training import steps_of_epoch


def small(**options):
    return DeepSMOTE(**{"latent_dim": 8, "epochs": 2, "width": 4, "progress": False, **options})


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def digits(device="cpu", n=120):
    data = load_digits_imbalanced(imbalance_ratio=4)
    X = torch.tensor(data.data[:n], dtype=torch.float32, device=device).reshape(-1, 1, 8, 8)
    return X, torch.tensor((data.target[:n] > 6).astype(np.int64), device=device)


def networks(device, d=5, z=3):
    encoder, decoder = (net.double().to(device) for net in build((d,), z, 1, generator()))
    return encoder, decoder


def rows(n, device, seed=0, d=5):
    return torch.randn(n, d, dtype=torch.float64, generator=generator(seed)).to(device)


@torch.no_grad()
def squared_error(decoder, codes, targets):
    total = 0.0
    for code, target in zip(codes, targets, strict=True):
        total += sum(float(v) ** 2 for v in (decoder(code.unsqueeze(0))[0] - target)) / len(target)
    return total / len(targets)


@pytest.mark.parametrize(("b", "m"), [(4, 3), (3, 1), (1, 4)])
def test_losses_against_a_slow_reference(device, b, m):
    encoder, decoder = networks(device)
    batch, of_class = rows(b, device), rows(m, device, 1)
    codes = [encoder(row.unsqueeze(0))[0] for row in of_class]
    moved = [codes[(i + 1) % m] for i in range(m)]
    plain = squared_error(decoder, [encoder(row.unsqueeze(0))[0] for row in batch], batch)
    expected = {
        "paper": squared_error(decoder, moved, of_class),
        "reference": squared_error(decoder, codes, of_class),
        None: 0.0,
    }
    for penalty, value in expected.items():
        losses = step_losses(encoder, decoder, batch, of_class, penalty)
        torch.testing.assert_close(losses.tolist(), [plain, value])


def test_the_reference_penalty_is_the_reconstruction_loss_and_stops_before_the_encoder(device):
    encoder, decoder = networks(device)
    batch, of_class = rows(4, device), rows(6, device, 1)

    def gradients(penalty):
        loss = step_losses(encoder, decoder, batch, of_class, penalty)[1]
        parameters = [*encoder.parameters(), *decoder.parameters()]
        found = torch.autograd.grad(loss, parameters, allow_unused=True, materialize_grads=True)
        split = len(list(encoder.parameters()))
        return loss, found[:split], found[split:]

    loss, of_encoder, of_decoder = gradients("reference")
    torch.testing.assert_close(loss, step_losses(encoder, decoder, of_class, batch, None)[0])
    assert all(not bool(value.any()) for value in of_encoder)
    assert any(bool(value.any()) for value in of_decoder)
    loss, of_encoder, _ = gradients("paper")
    assert not torch.isclose(loss, step_losses(encoder, decoder, of_class, batch, None)[0])
    assert any(bool(value.any()) for value in of_encoder)


def test_the_papers_penalty_draws_decoded_rows_towards_the_mean_of_their_class():
    """Codes that tell all rows apart, and a decoder free for each: where the expected gradient is 0."""
    X, y = rows(8, "cpu", d=3), torch.tensor([0] * 5 + [1] * 3)
    expected = torch.empty_like(X)
    for c in (0, 1):
        members = X[y == c]
        weight = 2 * len(members) / 8  # C * p
        for i, row in zip((y == c).nonzero()[:, 0], members, strict=True):
            others = (members.sum(0) - row) / (len(members) - 1)
            expected[i] = (weight * row + others) / (weight + 1)
    table = expected.clone().requires_grad_()
    numbered = torch.arange(8).unsqueeze(1).double()  # a "row" is its number, which the code repeats

    class Lookup(nn.Module):
        def forward(self, codes):
            return table[codes[:, 0].long()]

    def loss_of(order):
        decoded = Lookup()(numbered[order.roll(-1, 0)])  # as in "paper": code i + 1 against row i
        return (decoded - X[order]).square().mean()

    plain = (Lookup()(numbered) - X).square().mean()
    penalty = 0.0
    for c in (0, 1):
        orders = list(itertools.permutations((y == c).nonzero()[:, 0].tolist()))
        penalty = penalty + sum(loss_of(torch.tensor(order)) for order in orders) / len(orders) / 2
    (gradient,) = torch.autograd.grad(plain + penalty, table)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient))


@pytest.mark.parametrize(("n", "batch_size"), [(23, 5), (23, 100), (4, 1)])
def test_steps_of_an_epoch(n, batch_size):
    y = torch.tensor([0, 1, 1] + [2] * (n - 3))
    by_class = [(y == c).nonzero()[:, 0] for c in range(3)]
    seen, classes = [], set()
    for seed in range(20):
        steps = list(steps_of_epoch(by_class, batch_size, generator(seed)))
        assert sorted(torch.cat([batch for batch, _ in steps]).tolist()) == list(range(n))
        for batch, of_class in steps:
            (label,) = set(y[of_class].tolist())
            assert len(set(of_class.tolist())) == len(of_class) == min(len(batch), len(by_class[label]))
            classes.add(label)
        seen.append(torch.cat([part for step in steps for part in step]).tolist())
    assert classes == {0, 1, 2}
    assert seen[0] != seen[1]
    again = torch.cat([part for step in steps_of_epoch(by_class, batch_size, generator(0)) for part in step])
    assert again.tolist() == seen[0]


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28), (2, 9, 17), (1, 32, 11), (5, 65, 8), (1,), (7,)])
def test_networks_fit_any_shape(shape):
    encoder, decoder = build(shape, 6, 2, generator())
    codes = encoder(torch.rand(3, *shape, generator=generator()))
    assert codes.shape == (3, 6)
    assert decoder(codes).shape == (3, *shape)
    assert encoder(torch.zeros(1, *shape)).shape == (1, 6)  # a batch of one row is legal


def test_first_weights_are_the_seeds_alone():
    one, same, other = (build((1, 8, 8), 4, 2, generator(seed))[0][0].weight for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("shape", [(2, 8, 8), (3,)])
def test_the_scale_and_its_way_back(device, shape):
    X = 1.6e9 + torch.randn(50, *shape, dtype=torch.float64, generator=generator()).to(device)
    X[:, 0] = 7.0
    ends = scale_of(X)
    scaled = ToScale(*ends)(X)
    assert scaled.dtype == torch.float32
    assert not bool(scaled[:, 0].any())
    back = FromScale(*ends)(scaled)
    torch.testing.assert_close(back, X, rtol=0, atol=1e-5)  # float32 alone is 128 apart there
    assert bool((FromScale(*ends)(torch.rand(X.shape, generator=generator()).to(device))[:, 0] == 7).all())
    if len(shape) == 3:
        for value, end in ((0.0, X.amin((0, 2, 3))), (1.0, X.amax((0, 2, 3)))):
            assert torch.equal(FromScale(*ends)(torch.full_like(scaled, value))[0, :, 0, 0], end)
    else:
        torch.testing.assert_close(scaled[:, 1:].mean(0), torch.zeros(2, device=device), atol=1e-6, rtol=0)
        torch.testing.assert_close(scaled[:, 1:].std(0, correction=0), torch.ones(2, device=device))


@pytest.mark.parametrize("penalty", ["paper", "reference", None])
@pytest.mark.parametrize("flat", [False, True], ids=["images", "table"])
def test_training_lowers_the_error_and_the_rows_are_in_order(device, penalty, flat):
    X, y = digits(device)
    X = X.flatten(1) if flat else X
    deep = small(epochs=25, penalty=penalty, learning_rate=3e-3)
    got, labels = deep.fit_resample(X, y)
    assert torch.equal(got[: len(X)], X)
    assert torch.equal(labels[: len(y)], y)
    assert labels.bincount().tolist() == [int((y == 0).sum())] * 2
    assert deep.reconstruction_curve_[-1] < 0.6 * deep.reconstruction_curve_[0]
    assert len(deep.loss_curve_) == 25
    np.testing.assert_allclose(
        deep.loss_curve_, np.add(deep.reconstruction_curve_, deep.penalty_curve_), rtol=1e-12
    )
    assert all(value == 0 for value in deep.penalty_curve_) == (penalty is None)
    if not flat:
        assert bool(((got >= X.min()) & (got <= X.max())).all())
    with torch.no_grad():
        decoded = deep.decoder_(deep.encoder_(X))
    assert decoded.shape == X.shape
    assert not deep.encoder_.training


def test_the_same_seed_gives_the_same_rows_and_another_does_not(device):
    X, y = digits(device)
    made = [small(seed=seed).fit_resample(X, y)[0] for seed in (3, 3, 4)]
    if device.type == "cpu":
        assert torch.equal(made[0], made[1])
    torch.testing.assert_close(made[0], made[1], rtol=1e-3, atol=0.05)
    assert not torch.allclose(made[0], made[2])


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_it_trains_where_gradients_are_off(context):
    X, y = digits()
    expected = small().fit_resample(X, y)[0]
    with context():
        got = small().fit_resample(X.clone(), y)[0]
    assert torch.equal(got, expected)


def test_its_networks_serve_latent_smote_and_a_pickle_continues_the_stream():
    X, y = digits()
    deep = small()
    got, _ = deep.fit_resample(X, y)
    latent = LatentSMOTE(deep.encoder_, deep.decoder_, batch_size=deep.batch_size)
    assert torch.equal(latent.fit_resample(X, y)[0], got)
    deep.sample(2, 1)
    restored = pickle.loads(pickle.dumps(deep))
    assert torch.equal(restored.sample(4, 1), deep.sample(4, 1))
    assert deep.sample(4, 1).shape == (4, 1, 8, 8)


def test_whole_pixels_come_back_as_whole_pixels():
    X, y = digits()
    with pytest.warns(UserWarning, match="whole numbers"):
        got, _ = small().fit_resample(X.to(torch.uint8).numpy(), y.numpy())
    assert got.dtype == np.uint8
    assert got.max() <= 16


def test_another_resampler_makes_the_codes():
    X, y = digits()
    deep = small(resampler=ADASYN(sampling_strategy={1: 40}, n_neighbors=7)).fit(X, y)
    assert isinstance(deep.resampler_, ADASYN)
    assert deep.sampling_strategy_ == {1: 40 - int((y == 1).sum())}
    assert deep.sample(3, 1).shape == (3, 1, 8, 8)


def test_a_class_too_small_is_named_before_training(monkeypatch):
    X, y = digits()
    y[y == 1] = 0
    y[:3] = 1
    monkeypatch.setattr(deep_smote, "train_autoencoder", None)
    with pytest.raises(ValueError, match="class 1 has 3 samples but k_neighbors=5 needs 6"):
        small().fit(X, y)
    monkeypatch.undo()
    assert small(resampler=SMOTE(k_neighbors=2)).fit(X, y).sample(2, 1).shape == (2, 1, 8, 8)
    y[1:3] = 0  # one row: its penalty is its own reconstruction
    assert small(resampler=SMOTE(sampling_strategy={0: len(y)})).fit(X, y).penalty_curve_[-1] > 0


@pytest.mark.parametrize(
    "options",
    [
        {"latent_dim": 0},
        {"latent_dim": 2.5},
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"learning_rate": "fast"},
        {"penalty": "papers"},
        {"width": 0},
        {"seed": 2**32},
        {"progress": 3},
        {"device": 3},
        {"resampler": SMOTE},
    ],
    ids=str,
)
def test_bad_arguments_are_named(options):
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        small(**options).fit(*digits())


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (torch.zeros(6, 3, 4), r"`X` must have shape \(n, d\) or \(n, c, h, w\), got \(6, 3, 4\)"),
        (torch.zeros(6, 1, 8, 7), "images must be at least 8 x 8, got 8 x 7"),
        (torch.full((6, 2), torch.nan), "NaN"),
        (torch.tensor([[1e308], [-1e308]] * 3, dtype=torch.float64), "span more than float64 holds"),
    ],
)
def test_bad_rows(X, message):
    with pytest.raises(ValueError, match=message):
        small(resampler=SMOTE(k_neighbors=1)).fit(X, [0, 0, 0, 0, 1, 1])


def test_a_loss_that_is_no_longer_finite_stops():
    X, y = digits()
    with pytest.raises(ValueError, match=r"in epoch 1: lower `learning_rate`=1e\+20"):
        small(learning_rate=1e20).fit(X.flatten(1), y)


def test_progress_counts_the_epochs(monkeypatch):
    calls = []
    monkeypatch.setattr("torchsmote.progress.terminal", lambda: None)
    monkeypatch.setattr("torchsmote.progress._SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setattr("torchsmote.progress.print_line", calls.append)
    small(progress=True).fit(*digits())
    assert calls == ["DeepSMOTE: epochs: 1 of 2", "DeepSMOTE: epochs: 2 of 2"]
