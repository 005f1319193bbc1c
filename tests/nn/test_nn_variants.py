"""Other laws inside a batch: steps to an enemy, any row of the class, all neighbours, safe levels."""

import copy

import pytest
import torch
from scipy import stats

from torchsmote import EOS, GaussianSMOTE, PolynomFitSMOTE, SafeLevelSMOTE
from torchsmote.draws import synthesize
from torchsmote.nn import EmbeddingSMOTE
from torchsmote.nn.batch import BatchMethod, batch_method, draw_in_batch
from torchsmote.nn.pool import Pool
from torchsmote.nn.words import normals_of, step_words
from torchsmote.variants import VARIANTS

K, M = 4, 6


def normal_steps(normals, there):
    """A draw from the mean and covariance of base and neighbours, as steps (MGS)."""
    n = 1 + there.sum(1, keepdim=True)
    used = torch.cat((torch.ones_like(there[:, :1]), there), 1)
    z = torch.where(used, normals, 0)
    z = torch.where(used, z - z.sum(1, keepdim=True) / n, 0)
    return 1 / n + z[:, 1:] / n.sqrt()


def spans(base, neighbor):
    """Towards the safer end, and nowhere towards a neighbour of level 0."""
    base, neighbor = base.double(), neighbor.double()
    start = torch.where(neighbor > base, 1 - base / neighbor, 0.0)
    length = torch.where(base > neighbor, neighbor / base, 1.0) - start
    return torch.stack((start, torch.where(neighbor > 0, length, 0.0)), -1)


ENEMIES, PART, MIX, SAFE = (VARIANTS[name] for name in ("eos", "mesh", "gaussian", "safe-level"))
ALL = (ENEMIES, PART, MIX, SAFE)


@pytest.fixture(params=["pruned", "static"])
def path(request, monkeypatch):
    """The shapes of eager mode on the CPU, and those of a compiled step."""
    if request.param == "static":
        monkeypatch.setattr(Pool, "prunes", False)


def batch(sizes=(24, 9, 6), dim=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.cat([torch.full((size,), c) for c, size in enumerate(sizes)])
    pool = torch.randn(len(labels), dim, generator=generator) + 0.7 * labels.unsqueeze(1)
    order = torch.randperm(len(labels), generator=generator)
    return pool[order], labels[order]


def draw(pool, labels, variant, n=300, *, k=K, m=M, weights=None, seed=0):
    method = BatchMethod(variant, k, m)
    words = step_words(n, method.blocks, seed, torch.tensor(0), pool.device)
    weights = torch.ones(int(labels.max()) + 1, device=pool.device) if weights is None else weights
    return draw_in_batch(pool, labels, weights, words, method)


def nearest(pool, labels, row, count, *, same=False):
    """The slow float64 reference: the row's nearest others, by index."""
    distance = (pool.double() - pool[row].double()).square().sum(1)
    allowed = (labels == labels[row]) if same else labels >= 0
    allowed[row] = False
    distance[~allowed] = torch.inf
    return distance.argsort()[: min(count, int(allowed.sum()))].tolist()


def uniform(hits, cells):
    """Whether as many fall on each of these cells, and none elsewhere."""
    counts = torch.tensor([int((hits == cell).sum()) for cell in cells])
    assert counts.sum() == len(hits)
    return len(counts) == 1 or stats.chisquare(counts.numpy()).pvalue > 1e-4


def test_a_step_to_an_enemy(device, path):
    pool, labels = batch()
    drawn = draw(pool.to(device), labels.to(device), ENEMIES, 6000, k=K, m=K)
    base, neighbor = drawn.base.cpu(), drawn.neighbor.cpu()
    assert torch.equal(drawn.labels.cpu(), labels[base])
    assert ((drawn.step >= 0) & (drawn.step < 1)).all()
    for row in range(len(labels)):
        enemies = [j for j in nearest(pool, labels, row, K) if labels[j] != labels[row]]
        hits = neighbor[base == row]
        assert bool(len(hits)) == bool(enemies)
        assert not enemies or uniform(hits, enemies)
    per_class = torch.zeros(3).index_add(0, drawn.labels.cpu(), torch.ones(6000))
    assert stats.chisquare(per_class.numpy()).pvalue > 1e-4


def test_without_an_enemy_in_sight_rows_are_repeated(path):
    pool, labels = batch(sizes=(20, 20))
    drawn = draw(pool + 100.0 * labels.unsqueeze(1), labels, ENEMIES, k=K, m=K)
    assert torch.equal(drawn.base, drawn.neighbor)
    lone = draw(torch.ones(1, 3), torch.tensor([0]), ENEMIES, 5)
    assert lone.base.tolist() == lone.neighbor.tolist() == [0] * 5


def test_any_other_row_of_the_class(device, path):
    pool, labels = batch(sizes=(7, 5, 1))
    absent = torch.cat((labels, torch.full((6,), -1)))
    padded = torch.cat((pool, torch.zeros(6, 3)))
    order = torch.randperm(len(absent), generator=torch.Generator().manual_seed(1))
    pool, labels = padded[order], absent[order]
    drawn = draw(pool.to(device), labels.to(device), PART, 9000)
    base, neighbor = drawn.base.cpu(), drawn.neighbor.cpu()
    for row in (labels >= 0).nonzero()[:, 0].tolist():
        others = [j for j in range(len(labels)) if labels[j] == labels[row] and j != row]
        assert uniform(neighbor[base == row], others or [row])


def test_all_neighbors_at_once(device, path):
    pool, labels = batch()
    n, method = 200, BatchMethod(MIX, K, M)
    drawn = draw(pool.to(device), labels.to(device), MIX, n)
    assert drawn.neighbors.shape == drawn.steps.shape == (n, K)
    words = step_words(n, method.blocks, 0, torch.tensor(0), torch.device("cpu"))
    wanted = normal_steps(normals_of(words[4:], K + 1), torch.ones(n, K, dtype=torch.bool))
    torch.testing.assert_close(drawn.steps.cpu(), wanted.float())
    for row, neighbors in zip(drawn.base.tolist(), drawn.neighbors.tolist(), strict=True):
        assert neighbors == nearest(pool, labels, row, K, same=True)


def test_rows_of_all_neighbors_have_their_mean_and_covariance(path):
    pool, labels = batch(sizes=(5, 0, 0), dim=2)
    n = 40_000
    rows = synthesize(pool.double(), draw(pool.double(), labels, MIX, n, k=4))
    torch.testing.assert_close(rows.mean(0), pool.double().mean(0), atol=0.03, rtol=0)
    torch.testing.assert_close(rows.T.cov(), pool.double().T.cov(correction=0), atol=0.03, rtol=0)


def test_all_neighbors_of_a_small_class(path):
    pool, labels = batch(sizes=(20, 3, 1))
    drawn = draw(pool, labels, MIX)
    for row, neighbors, steps in zip(drawn.base, drawn.neighbors, drawn.steps, strict=True):
        near = nearest(pool, labels, int(row), K, same=True)
        assert neighbors.tolist() == near + [int(row)] * (K - len(near))
        assert not steps[len(near) :].any()
    tiny = draw(pool[:2], torch.zeros(2, dtype=torch.int64), MIX, 9)
    assert torch.isfinite(synthesize(pool[:2], tiny)).all()


def test_the_span_of_a_step_follows_the_safe_levels(device, path):
    pool, labels = batch()
    drawn = draw(pool.to(device), labels.to(device), SAFE, m=M)
    whole = draw(pool.to(device), labels.to(device), VARIANTS["smote"])
    base, neighbor = drawn.base.cpu(), drawn.neighbor.cpu()
    assert torch.equal(whole.neighbors, drawn.neighbors)
    level = torch.tensor(
        [sum(int(labels[j] == labels[i]) for j in nearest(pool, labels, i, M)) for i in range(len(labels))]
    )
    start, length = spans(level[base], level[neighbor]).unbind(-1)
    torch.testing.assert_close(drawn.step.cpu(), (start + length * whole.step.cpu()).float())
    assert len(set(level[base].tolist())) > 2  # else the test shows nothing


RESAMPLERS = {
    "eos": EOS(k_neighbors=K),
    "mesh": PolynomFitSMOTE(topology="mesh"),
    "gaussian": GaussianSMOTE(k_neighbors=K),
    "safe-level": SafeLevelSMOTE(k_neighbors=K),
}


def layer(variant, **given):
    return EmbeddingSMOTE(3, RESAMPLERS[variant.name], **given)


@pytest.mark.parametrize("variant", ALL, ids=lambda variant: variant.name)
def test_compiled_equals_eager(device, variant):
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    eager = layer(variant, seed=3, bank_size=24, soft_labels=True).to(device)
    inner = copy.deepcopy(eager)
    compiled = torch.compile(inner, fullgraph=True, backend="aot_eager")
    for step in range(4):
        results = []
        for each in (eager, compiled):
            h, y = (values.to(device) for values in batch(seed=step))
            h.requires_grad_()
            h2, y2 = each(h, y)
            (
                h2.square() * torch.linspace(-1, 1, h2.numel(), device=device).reshape(h2.shape)
            ).sum().backward()
            results.append((h2.detach(), y2, h.grad))
        for left, right in zip(*results, strict=True):
            torch.testing.assert_close(left, right)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
    for left, right in zip(eager.state_dict().values(), inner.state_dict().values(), strict=True):
        assert torch.equal(left, right)
    torch._dynamo.reset()


def test_batches_of_other_sizes_need_no_graph_each():
    # Without a gradient, as behind a frozen backbone: rows are then written without a loop over pieces, too.
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    eager = layer(MIX, ratio=0.7, seed=2)
    compiled = torch.compile(copy.deepcopy(eager), fullgraph=True, backend="aot_eager")
    for sizes in ((12, 11, 9), (12, 4, 3), (12, 11, 9), (7, 3, 1)):
        for left, right in zip(eager(*batch(sizes)), compiled(*batch(sizes)), strict=True):
            torch.testing.assert_close(left, right)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] <= 2
    torch._dynamo.reset()


@pytest.mark.parametrize("variant", ALL, ids=lambda variant: variant.name)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_every_dtype_passes(device, variant, dtype):
    h, y = (values.to(device) for values in batch())
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=dtype is torch.bfloat16):
        out, labels = layer(variant)(h.to(dtype), y)
    assert out.dtype == dtype
    assert torch.isfinite(out).all()
    assert labels.dtype == torch.int64


@pytest.mark.parametrize("variant", ALL, ids=lambda variant: variant.name)
def test_the_gradient_of_a_row_is_its_share(device, variant):
    h, y = (values.to(device) for values in batch())
    h.requires_grad_()
    out, _ = layer(variant, seed=1)(h, y)
    method = batch_method(RESAMPLERS[variant.name])
    words = step_words(len(y), method.blocks, 1, torch.tensor(0), device)
    counts = y.bincount(minlength=3)
    drawn = draw_in_batch(h, y, counts.amax() - counts, words, method)
    torch.testing.assert_close(out[len(y) :], synthesize(h.detach(), drawn))
    out[len(y) :].sum().backward()
    share = torch.zeros_like(y, dtype=torch.float32).index_add(0, drawn.base, 1 - drawn.steps.sum(1))
    share.index_add_(0, drawn.neighbors.flatten(), drawn.steps.flatten())
    torch.testing.assert_close(h.grad, share.unsqueeze(1).expand_as(h), rtol=1e-5, atol=1e-5)


def test_soft_labels_of_mixes_sum_to_one():
    pool, labels = batch()
    shares = layer(MIX, soft_labels=True)(pool, labels)[1]
    torch.testing.assert_close(shares.sum(1), torch.ones(len(shares)))


@pytest.mark.parametrize("step", [0, 1, 2**40 + 3])
def test_words_are_a_function_of_seed_step_and_row(device, step, monkeypatch):
    def make(n, blocks, seed=5, at=step):
        return step_words(n, blocks, seed, torch.tensor(at), device)

    words = make(16, 3)
    assert words.shape == (12, 16)
    assert torch.equal(make(7, 2), words[:8, :7])
    assert not (make(16, 3, seed=6) == words).any()
    assert not (make(16, 3, at=step + 1) == words).any()
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert torch.equal(make(16, 3), words)


def test_normals_are_standard_and_independent():
    normals = normals_of(step_words(20_000, 2, 0, torch.tensor(0), torch.device("cpu")), 7)
    assert normals.shape == (20_000, 7)
    for column in normals.T:
        assert stats.kstest(column.numpy(), "norm").pvalue > 1e-4
    torch.testing.assert_close(normals.T.cov(), torch.eye(7, dtype=torch.float64), atol=0.04, rtol=0)
    extreme = normals_of(torch.tensor([[2**32 - 1, 0]] * 4), 4)
    assert torch.isfinite(extreme).all()


def test_the_largest_word_is_no_step_to_oneself(path):
    pool, labels = batch()
    words = torch.full((4, 1), 2**32 - 1)
    drawn = draw_in_batch(pool, labels, torch.tensor([0, 0, 1]), words, BatchMethod(PART, K, M))
    assert drawn.base != drawn.neighbor
