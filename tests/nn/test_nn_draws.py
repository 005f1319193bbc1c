"""Draws inside a batch: who may be base and neighbour, in which shares, with which step."""

import pytest
import torch

from torchsmote.nn.batch import BatchMethod, draw_in_batch, lacking
from torchsmote.nn.pool import Pool, class_counts
from torchsmote.variants import VARIANTS

K, M = 3, 6


@pytest.fixture(params=["pruned", "static"], autouse=True)
def path(request, monkeypatch):
    """Each test runs twice: with the shapes of eager mode on the CPU, and with those of a compiled step."""
    if request.param == "static":
        monkeypatch.setattr(Pool, "prunes", False)


def words(n, seed=0, blocks=1):
    return torch.randint(2**32, (4 * blocks, n), generator=torch.Generator().manual_seed(seed))


def batch(seed=0, sizes=(24, 9, 5), dim=4, offset=0.0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.cat([torch.full((size,), c) for c, size in enumerate(sizes)])
    pool = torch.randn(len(labels), dim, generator=generator) + 0.7 * labels.unsqueeze(1) + offset
    order = torch.randperm(len(labels), generator=generator)
    return pool[order], labels[order]


def draw(pool, labels, name="smote", n=400, *, k=K, m=M, weights=None, seed=0):
    weights = lacking(class_counts(labels, int(labels.max()) + 1)) if weights is None else weights
    method = BatchMethod(VARIANTS[name], k, m)
    return draw_in_batch(pool, labels, weights, words(n, seed, method.blocks).to(pool.device), method)


def nearest(pool, labels, row, count, same):
    """The slow float64 reference: the row's nearest others, by index."""
    distance = (pool.double() - pool[row].double()).square().sum(1)
    there = labels >= 0
    allowed = there & (labels == labels[row]) if same else there
    allowed[row] = False
    distance[~allowed] = torch.inf
    return distance.argsort()[: min(count, int(allowed.sum()))].tolist()


# At 1e20 squares in float32 overflow, at 1e-30 they vanish, and at 1e37 the sum of the rows overflows too.
@pytest.mark.parametrize(
    ("offset", "scale"), [(0.0, 1.0), (1000.0, 1.0), (0.0, 1e20), (0.0, 1e-30), (9.0, 1e37)]
)
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_every_variant_draws_what_it_allows(device, name, offset, scale):
    variant = VARIANTS[name]
    pool, labels = batch(offset=offset)
    pool = pool * scale
    drawn = draw(pool.to(device), labels.to(device), name)
    base, neighbors, steps = (values.cpu() for values in (drawn.base, drawn.neighbors, drawn.steps))
    assert torch.equal(drawn.labels.cpu(), labels[base])
    assert torch.isfinite(steps).all()
    assert neighbors.shape == (400, 1 if variant.normal_steps is None else K)
    one = (tensor.flatten().tolist() for tensor in (base.unsqueeze(1).expand_as(neighbors), neighbors, steps))
    for b, n, s in zip(*one, strict=True):
        if variant.relation == "none":
            assert (n, s) == (b, 0.0)
            continue
        reach = len(labels) if variant.relation == "part" else K
        assert n in nearest(pool, labels, b, reach, variant.relation in ("same", "part"))
        assert variant.relation != "enemies" or labels[n] != labels[b]
        if variant.normal_steps is None:
            most = 0.5 if variant.second_uniform and labels[n] != labels[b] else 1
            assert 0 <= s < most or (s == 1 and variant.spans is not None)
    if variant.weight is not None:
        around = {b: nearest(pool, labels, b, M, False) for b in set(base.tolist())}
        for b, near in around.items():
            enemies = torch.tensor(sum(int(labels[j] != labels[b]) for j in near))
            assert variant.weight(enemies, M) > 0


def test_neighbors_are_uniform_over_the_k_nearest():
    pool, labels = batch(sizes=(2, 12))
    drawn = draw(pool, labels, n=6000, weights=torch.tensor([0.0, 1.0]))
    row = int((labels == 1).nonzero()[0, 0])
    hit = drawn.neighbor[drawn.base == row]
    counts = torch.stack([(hit == j).sum() for j in nearest(pool, labels, row, K, True)]).double()
    expected = counts.sum() / K
    assert counts.sum() == len(hit)
    assert ((counts - expected).square() / expected).sum() < 13.8  # 2 degrees of freedom, p = 0.001


def test_a_mesh_joins_any_two_rows_of_a_class():
    pool, labels = batch(sizes=(4, 6))
    drawn = draw(pool, labels, "mesh", n=6000, weights=torch.tensor([0, 1]))
    mine = (labels == 1).nonzero()[:, 0]
    hits = torch.zeros(10, 10).index_put((drawn.base, drawn.neighbor), torch.ones(6000), accumulate=True)
    pairs = hits[mine][:, mine]
    assert pairs.sum() == 6000
    assert not pairs.diagonal().any()
    off = pairs[~torch.eye(6, dtype=torch.bool)]
    assert ((off - 200).square() / 200).sum() < 58.3  # 29 degrees of freedom, p = 0.001


@pytest.mark.parametrize("name", ["random", "smote", "adasyn"])
def test_classes_and_bases_have_their_shares(name):
    pool, labels = batch(sizes=(30, 12, 6))
    n, lack = 20_000, torch.tensor([0.0, 18.0, 24.0])
    drawn = draw(pool, labels, name, n=n)
    got = class_counts(drawn.labels, 3)
    expected = n * lack / lack.sum()
    assert got[0] == 0
    assert ((got - expected)[1:].square() / expected[1:]).sum() < 10.8  # 1 degree of freedom, p = 0.001
    weight = torch.ones(len(labels), dtype=torch.float64)
    if name == "adasyn":
        for row in range(len(labels)):
            weight[row] = sum(int(labels[j] != labels[row]) for j in nearest(pool, labels, row, M, False))
    per_class = torch.zeros(3, dtype=torch.float64).index_add(0, labels, weight)
    share = expected.double()[labels] * weight / per_class[labels]
    hits = drawn.base.bincount(minlength=len(labels))
    assert not hits[share == 0].any()
    seen = share > 0
    assert ((hits - share)[seen].square() / share[seen]).sum() < 42.3  # at most 18 cells, p = 0.001


def test_class_weights_rule_and_absent_classes_get_nothing():
    pool, labels = batch(sizes=(10, 10))
    drawn = draw(pool, labels, n=4000, weights=torch.tensor([1.0, 3.0, 96.0]))
    got = class_counts(drawn.labels, 3).tolist()
    assert got[2] == 0
    assert 2850 < got[1] < 3150


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_where_nothing_lacks_bases_are_uniform(name):
    pool, labels = batch(sizes=(10, 10), dim=1, offset=5.0)
    drawn = draw(pool, labels, name, n=4000, weights=torch.zeros(2))
    hits = drawn.base.bincount(minlength=20).double()
    assert ((hits - 200).square() / 200).sum() < 43.8  # 19 degrees of freedom, p = 0.001


def test_where_no_row_is_in_danger_bases_are_uniform():
    pool = torch.cat((torch.randn(20, 2, generator=torch.Generator().manual_seed(0)), torch.ones(20, 2) * 99))
    labels = torch.arange(2).repeat_interleave(20)
    drawn = draw(pool, labels, "borderline-1", n=4000, weights=torch.tensor([0, 5]))
    assert ((drawn.base.bincount(minlength=40) - 100).square() / 100).sum() < 72.1  # 39, p = 0.001


def test_a_class_without_rows_in_danger_leaves_its_share_to_the_others():
    pool, labels = batch(sizes=(20, 8))
    far = torch.full((8, 4), 500.0) + torch.arange(8).unsqueeze(1)
    drawn = draw(torch.cat((pool, far)), torch.cat((labels, torch.full((8,), 2))), "borderline-1", n=200)
    assert set(drawn.labels.tolist()) == {1}


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_single_row_is_its_own_neighbor(name):
    drawn = draw(torch.ones(1, 3), torch.tensor([0]), name, n=5, weights=torch.ones(1))
    assert drawn.base.tolist() == [0] * 5
    assert not drawn.neighbors.any()


def test_a_lone_row_of_its_class_is_repeated_and_few_rows_use_each_other():
    pool, labels = batch(sizes=(20, 2, 1, 1, 1, 1))
    drawn = draw(pool, labels)
    lone = drawn.labels > 1
    assert set(drawn.labels.tolist()) == {1, 2, 3, 4, 5}
    assert torch.equal(drawn.base[lone], drawn.neighbor[lone])
    pair = drawn.labels == 1
    assert (drawn.base[pair] != drawn.neighbor[pair]).all()
    assert (labels[drawn.neighbor[pair]] == 1).all()


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_empty_rows_are_never_drawn_and_never_counted(name):
    pool, labels = batch()
    padded = torch.cat((pool, torch.zeros(17, 4) + pool.mean(0)))
    absent = torch.cat((labels, torch.full((17,), -1)))
    one, two = draw(pool, labels, name), draw(padded, absent, name)
    for left, right in zip(one, two, strict=True):
        assert torch.equal(left, right)


def test_a_variant_with_more_neighbors_than_rows_uses_what_there_is():
    pool, labels = torch.tensor([[0.0], [1.0], [1.1], [1.2]]), torch.tensor([0, 1, 1, 1])
    drawn = draw(pool, labels, "borderline-1", k=50, m=50, weights=torch.tensor([1, 1]), n=100)
    # Row 0 sees three enemies of three: noise. Each other row sees one of three: safe. So all weigh 0.
    assert set(drawn.base.tolist()) == {0, 1, 2, 3}
    drawn = draw(pool[:3], labels[:3], "borderline-1", k=50, m=50, weights=torch.tensor([1, 1]), n=100)
    # Now rows 1 and 2 see one enemy of two: danger.
    assert set(drawn.base.tolist()) == {1, 2}


@pytest.mark.parametrize("value", [0.0, 5.0, 1e20])
def test_equal_rows_of_two_classes_do_not_cross(value):
    pool, labels = torch.full((8, 3), value), torch.arange(2).repeat(4)
    drawn = draw(pool, labels, weights=torch.ones(2))
    assert torch.equal(labels[drawn.neighbor.flatten()], labels[drawn.base])


def test_twins_are_neighbors_but_never_oneself():
    pool, labels = torch.ones(4, 2), torch.zeros(4, dtype=torch.int64)
    drawn = draw(pool, labels, weights=torch.ones(1))
    assert (drawn.base != drawn.neighbor).all()


def test_extreme_words_stay_inside():
    pool, labels = batch()
    for variant in VARIANTS.values():
        method = BatchMethod(variant, K, M)
        top = torch.full((4 * method.blocks, 1), 2**32 - 1)
        for word in (top, torch.zeros_like(top)):
            drawn = draw_in_batch(pool, labels, torch.tensor([0, 3, 4]), word, method)
            assert 0 <= int(drawn.base) < len(labels)
            assert labels[drawn.base] > 0
            assert torch.isfinite(drawn.steps).all()
            if variant.normal_steps is None:
                assert 0 <= float(drawn.step) < (1 if variant.spans is None else 1.0001)
