"""The mixing modules against slow float64 formulas: who is mixed with whom, how far, with which label."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch import nn

from torchsmote import BalancedMixUp, MAMix, MixUp, Remix, SMOTEMixUp
from torchsmote.draws import blend

COUNTS = [810, 80, 10]
MODULES = {
    "MixUp": lambda **options: MixUp(num_classes=3, **options),
    "Remix": lambda **options: Remix(num_classes=3, class_counts=COUNTS, **options),
    "MAMix": lambda **options: MAMix(num_classes=3, class_counts=COUNTS, **options),
    "BalancedMixUp": lambda **options: BalancedMixUp(num_classes=3, **options),
    "SMOTEMixUp": lambda **options: SMOTEMixUp(num_classes=3, **options),
}
every = pytest.mark.parametrize("name", MODULES)


def batch(rows=24, seed=0, shape=(4,), dtype=torch.float64):
    """Rows of three classes, the third rare."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.tensor([0, 0, 0, 1, 1, 2]).repeat(rows)[:rows]
    return torch.randn(rows, *shape, generator=generator, dtype=torch.float64).to(dtype), y


def revealed(module, x, y):
    """Partner and step of each row, read off a further tensor that was mixed; and the labels."""
    eye = torch.eye(len(x), dtype=torch.float64)
    mixed, shares, seen = module((x, y, eye))
    step = 1 - seen.diagonal()
    partner = (seen - torch.diag(seen.diagonal())).max(1)
    return mixed, shares, torch.where(partner.values > 0, partner.indices, torch.arange(len(x))), step


@every
@pytest.mark.parametrize("soft", [False, True])
def test_rows_and_labels_lie_between_two_of_the_batch(name, soft, device):
    x, y = (values.to(device) for values in batch())
    kept, target = x.clone(), nn.functional.one_hot(y, 3).float() if soft else y
    before = target.clone()
    mixed, shares = MODULES[name]().to(device)(x, target)
    assert (mixed.shape, mixed.dtype) == (x.shape, x.dtype)
    assert (shares.shape, shares.dtype) == ((24, 3), torch.float32)
    torch.testing.assert_close(shares.sum(1), torch.ones(24, device=device))
    assert shares.min() >= 0
    assert torch.equal(x, kept)
    assert torch.equal(target, before)
    # The mixed row is an exact combination of its own and one other.
    difference = mixed - x
    candidates = x.unsqueeze(0) - x.unsqueeze(1)
    step = (difference.unsqueeze(1) * candidates).sum(2) / candidates.square().sum(2).clamp(min=1e-30)
    left = (difference.unsqueeze(1) - step.unsqueeze(2) * candidates).norm(dim=2)
    best = left.min(1)
    assert best.values.max() < 1e-12
    chosen = step.gather(1, best.indices.unsqueeze(1))
    assert chosen.min() >= 0
    assert chosen.max() <= 1 + 1e-12


@every
def test_one_formula_for_rows_labels_and_further_tensors(name):
    x, y = batch()
    mixed, shares, partner, step = revealed(MODULES[name](seed=3), x, y)
    expected = x + step.unsqueeze(1) * (x[partner] - x)
    torch.testing.assert_close(mixed, expected)
    if name in ("Remix", "MAMix"):
        return
    one_hot = nn.functional.one_hot(y, 3).double()
    expected = one_hot + step.unsqueeze(1) * (one_hot[partner] - one_hot)
    torch.testing.assert_close(shares.double(), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("n_i", "n_j", "lam", "label"),
    [
        (30, 10, 0.4, 0.0),  # i is frequent, and less than half of the row: all to j
        (30, 10, 0.5, 0.5),
        (30, 10, 0.6, 0.6),
        (29, 10, 0.4, 0.4),
        (10, 30, 0.6, 1.0),  # the other way round
        (10, 30, 0.5, 0.5),
        (10, 30, 0.4, 0.4),
        (10, 29, 0.6, 0.6),
        (10, 10, 0.4, 0.4),
    ],
)
def test_remix_gives_the_label_by_the_table(n_i, n_j, lam, label, monkeypatch):
    monkeypatch.setattr(
        "torchsmote.nn.mixing.remix.random_pairs",
        lambda *args: (torch.tensor([1, 0]), torch.tensor([1 - lam, 0.0], dtype=torch.float64)),
    )
    _, shares = Remix(num_classes=2, class_counts=[n_i, n_j])(torch.zeros(2, 1), torch.tensor([0, 1]))
    torch.testing.assert_close(shares[0], torch.tensor([label, 1 - label]))


def test_remix_counts_exactly_however_many_rows():
    counts = [3 * (2**26 + 1) - 1, 2**26 + 1]  # one row short of three times as many; float32 cannot tell
    module = Remix(num_classes=2, class_counts=counts)
    x, y = torch.zeros(400, 1), torch.arange(400) % 2
    draws = module.draw(x, y, np.random.Generator(np.random.Philox(0)))
    assert torch.equal(draws.step, draws.label_step)


def remix_label(n_i, n_j, lam, kappa, tau):
    if n_i / n_j >= kappa and lam < tau:
        return 0.0
    if n_i / n_j <= 1 / kappa and 1 - lam < tau:
        return 1.0
    return lam


def mamix_label(n_i, n_j, lam, *_):
    """Linear from 1 at i over 1/2 at the margin-aware middle to 0 at j."""
    k_i, k_j = n_i**-0.25, n_j**-0.25
    return float(np.interp(1 - lam, [0, k_i / (k_i + k_j), 1], [1, 0.5, 0]))


@pytest.mark.parametrize(
    ("module", "label"),
    [
        (Remix(num_classes=3, class_counts=COUNTS), remix_label),
        (Remix(num_classes=3, class_counts=COUNTS, kappa=9, tau=0.9), remix_label),
        (MAMix(num_classes=3, class_counts=COUNTS), mamix_label),
    ],
    ids=["Remix", "Remix 9 0.9", "MAMix"],
)
def test_labels_follow_the_paper(module, label):
    x, y = batch(240)
    _, shares, partner, step = revealed(module, x, y)
    for row in range(240):
        i, j = int(y[row]), int(y[partner[row]])
        own = label(
            COUNTS[i], COUNTS[j], 1 - float(step[row]), getattr(module, "kappa", 0), getattr(module, "tau", 0)
        )
        expected = torch.zeros(3)
        expected[i] += own
        expected[j] += 1 - own
        torch.testing.assert_close(shares[row], expected, rtol=0, atol=1e-6)


def test_mamix_of_equal_counts_is_mixup():
    x, y = batch()
    even = MAMix(num_classes=3, class_counts=[7, 7, 7], seed=1)(x, y)
    for left, right in zip(even, MixUp(num_classes=3, seed=1)(x, y), strict=True):
        torch.testing.assert_close(left, right)


@pytest.mark.parametrize(
    ("module", "law"),
    [
        (MixUp(num_classes=3, alpha=0.4), stats.beta(0.4, 0.4)),
        (MixUp(num_classes=3), stats.uniform()),
        (SMOTEMixUp(num_classes=3, alpha=2.0), stats.beta(2, 2)),
        (BalancedMixUp(num_classes=3, alpha=0.3), stats.beta(0.3, 1)),
    ],
    ids=["MixUp 0.4", "MixUp 1", "SMOTEMixUp 2", "BalancedMixUp 0.3"],
)
def test_steps_are_beta_distributed(module, law):
    x, y = torch.zeros(4000, 1), torch.zeros(4000, dtype=torch.int64)
    rng = np.random.Generator(np.random.Philox(1))
    draws = module.draw(x, y, rng)
    assert stats.kstest(draws.step.numpy(), law.cdf).pvalue > 0.001
    assert draws.partner.min() >= 0
    assert draws.partner.max() < 4000


@every
def test_mixup_and_its_kin_pair_by_a_permutation(name):
    x, y = batch()
    _, _, partner, _ = revealed(MODULES[name](), x, y)
    if name in ("MixUp", "Remix", "MAMix"):
        assert sorted(partner.tolist()) == list(range(24))


def test_balanced_partners_are_uniform_over_the_classes_that_are_there():
    y = torch.tensor([0] * 900 + [2] * 90 + [3] * 10)[torch.randperm(1000, generator=torch.Generator())]
    module = BalancedMixUp(num_classes=5)
    draws = module.draw(torch.zeros(1000, 1), y, np.random.Generator(np.random.Philox(0)))
    counts = y[draws.partner].bincount(minlength=5)
    assert counts[[1, 4]].tolist() == [0, 0]
    assert stats.chisquare(counts[[0, 2, 3]]).pvalue > 0.001
    rare = (y == 3).nonzero().squeeze(1)
    times = draws.partner.bincount(minlength=1000)[rare]
    assert stats.chisquare(times).pvalue > 0.001


@pytest.mark.parametrize("k", [1, 3, 40])
def test_smote_partners_are_the_k_nearest_of_any_class(k):
    x, y = batch(30)
    distances = torch.cdist(x, x).fill_diagonal_(torch.inf)
    nearest = distances.argsort(1)[:, : min(k, 29)]
    module, seen = SMOTEMixUp(num_classes=3, k=k), torch.zeros(30, 30, dtype=torch.bool)
    for _ in range(60 if k <= 3 else 2):
        *_, partner, _ = revealed(module, x, y)
        assert (nearest == partner.unsqueeze(1)).any(1).all()
        seen[torch.arange(30), partner] = True
    if k <= 3:
        assert (seen.sum(1) == k).all()


def test_smote_takes_images_and_half_precision():
    x, y = batch(12, shape=(3, 4, 4), dtype=torch.float16)
    mixed, shares = SMOTEMixUp(num_classes=3)(x, y)
    assert (mixed.shape, mixed.dtype, shares.dtype) == (x.shape, torch.float16, torch.float32)
    assert torch.isfinite(mixed).all()


@every
def test_eval_mode_returns_the_objects_given(name):
    module = MODULES[name]().eval()
    x, y = batch()
    given_pair = (x, y)
    assert module(given_pair) is given_pair
    got = module(x, y)
    assert got[0] is x
    assert got[1] is y
    assert module.step == 0


@every
def test_numbers_are_a_function_of_seed_and_step(name):
    x, y = batch()
    one, two, other = (MODULES[name](seed=seed) for seed in (5, 5, 6))
    first = one(x, y)[0]
    assert torch.equal(first, two(x, y)[0])
    assert not torch.equal(first, other(x, y)[0])
    second = one(x, y)[0]
    assert not torch.equal(first, second)
    assert torch.equal(second, two(x, y)[0])


@every
def test_numbers_are_those_of_the_cpu(name, device):
    x, y = batch()
    here, there = MODULES[name](), MODULES[name]().to(device)
    for _ in range(2):
        expected, got = here(x, y), there(x.to(device), y.to(device))
        for left, right in zip(expected, got, strict=True):
            torch.testing.assert_close(left, right.cpu())


@every
@pytest.mark.parametrize("copied", ["state_dict", "file", "deepcopy", "pickle"])
def test_a_copy_taken_mid_stream_continues_it(name, copied, tmp_path):
    x, y = batch()
    module = MODULES[name](seed=1)
    for _ in range(3):
        module(x, y)
    if copied == "deepcopy":
        other = copy.deepcopy(module)
    elif copied == "pickle":
        other = pickle.loads(pickle.dumps(module))
    else:
        state = nn.Sequential(module).state_dict()
        if copied == "file":
            torch.save(state, tmp_path / "state.pt")
            state = torch.load(tmp_path / "state.pt", weights_only=True)
        other = MODULES[name](seed=1)
        nn.Sequential(other).load_state_dict(state)
    assert other.step == 3
    for _ in range(2):
        assert torch.equal(module(x, y)[0], other(x, y)[0])


@every
def test_no_number_is_read_back_from_the_device(name, device):
    if device.type != "cuda":
        pytest.skip("needs a CUDA device")
    x, y = (values.to(device) for values in batch())
    module = MODULES[name]().to(device)
    module(x, y)
    torch.cuda.set_sync_debug_mode("error")
    try:
        module(x, y)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@every
def test_gradients_flow_to_both_rows(name):
    x, y = batch(6)
    draws = MODULES[name]().draw(x, y, np.random.Generator(np.random.Philox(0)))

    def mix(rows):
        return blend(rows, rows[draws.partner].unsqueeze(1), draws.step.unsqueeze(1))

    assert torch.autograd.gradcheck(mix, x.requires_grad_())
    through, other = MODULES[name](), x.detach().clone().requires_grad_()
    through(other, y)[0].sum().backward()
    torch.testing.assert_close(other.grad.sum(), torch.tensor(24.0, dtype=torch.float64))


@every
@pytest.mark.parametrize("rows", [0, 1])
def test_a_batch_without_a_pair_keeps_its_rows(name, rows):
    x, y = batch(rows)
    mixed, shares = MODULES[name]()(x, y)
    assert torch.equal(mixed, x)
    assert torch.equal(shares, nn.functional.one_hot(y, 3).float())


@every
def test_a_compiled_step_gives_the_rows_of_eager_mode_and_is_compiled_once(name):
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    x, y = batch(dtype=torch.float32)
    eager, module = MODULES[name](), MODULES[name]()
    compiled, graphs = torch.compile(module, backend="eager"), []
    for _ in range(4):
        for left, right in zip(eager(x, y), compiled(x, y), strict=True):
            torch.testing.assert_close(left, right)
        graphs.append(torch._dynamo.utils.counters["stats"]["unique_graphs"])
    assert graphs == [graphs[0]] * 4
    torch._dynamo.reset()


@given(st.integers(2, 12), st.integers(0, 2**64 - 1), st.sampled_from(sorted(MODULES)))
def test_labels_sum_to_one_and_constant_columns_stay(rows, seed, name):
    x, y = batch(rows, seed=seed % 1000)
    x[:, 1] = 0.1
    mixed, shares = MODULES[name](seed=seed)(x, y)
    assert (mixed[:, 1] == 0.1).all()
    assert (shares.sum(1) - 1).abs().max() < 1e-6
    assert mixed.min() >= x.min()
    assert mixed.max() <= x.max()


@pytest.mark.parametrize("name", ["Remix", "MAMix"])
def test_a_soft_label_counts_as_its_largest_class(name):
    x, y = batch()
    soft = nn.functional.one_hot(y, 3).double() * 0.8 + 0.2 / 3
    hard, mixed = (MODULES[name](seed=2)(x, target)[1] for target in (y, soft))
    torch.testing.assert_close(mixed, hard.double() * 0.8 + 0.2 / 3, rtol=0, atol=1e-6)
