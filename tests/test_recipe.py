"""Recipes: draws by number are pure, lawful and equal on every device; synthesize keeps its promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from scipy import stats

from torchsmote.draws import Draws, blend, synthesize
from torchsmote.recipe import Part, Recipe
from torchsmote.variants import VARIANTS

K = 3


def recipe(variant="smote", n_new=(7, 0, 6), **changes) -> Recipe:
    """Two growing classes: rows 0-3 (7 new) and rows 10-14 (6 new), with a class between that stays."""
    rows = torch.tensor([0, 1, 2, 3, 10, 11, 12, 13, 14])
    table = torch.stack([rows.roll(-j) for j in range(1, K + 1)], 1)
    given = {
        "variant": VARIANTS[variant],
        "n_classes": 3,
        "rows": rows,
        "parts": (Part(0, 4, n_new[0]), Part(1, 0, n_new[1]), Part(2, 5, n_new[2])),
        "table": table,
    }
    return Recipe(**{**given, **changes})


def test_labels_and_bases_follow_the_classes():
    drawn = recipe().draw(torch.arange(13), seed=0)
    assert drawn.labels.tolist() == [0] * 7 + [2] * 6
    assert set(drawn.base[:7].tolist()) <= {0, 1, 2, 3}
    assert set(drawn.base[7:].tolist()) <= {10, 11, 12, 13, 14}
    assert drawn.steps.dtype == torch.float32
    assert drawn.neighbors.shape == drawn.steps.shape == (13, 1)


def test_a_draw_is_a_function_of_its_number_alone(device):
    whole = recipe().draw(torch.arange(13), seed=4, epoch=2)
    order = torch.tensor([12, 3, 3, 0])
    part = recipe().to(device).draw(order.to(device), seed=4, epoch=2)
    for values, all_values in zip(part, whole, strict=True):
        assert torch.equal(values.cpu(), all_values[order])


def test_epochs_seeds_and_attempts_draw_anew():
    indices = torch.arange(13)
    here = recipe().draw(indices, seed=0, epoch=0).step
    for other in ({"seed": 1}, {"seed": 0, "epoch": 1}, {"seed": 0, "attempt": 1}):
        assert not (recipe().draw(indices, **other).step == here).any()


def test_weights_shape_the_draw_and_zero_is_never_drawn():
    weights = torch.tensor([0, 1, 0, 3, 0, 0, 2, 2, 0])
    many = recipe(n_new=(40_000, 0, 20_000), weights=weights)
    base = many.draw(torch.arange(60_000), seed=0).base
    counts = base.bincount(minlength=15)[many.rows]
    assert (counts[weights == 0] == 0).all()
    expected = [10_000, 30_000, 10_000, 10_000]
    assert stats.chisquare(counts[weights > 0].numpy(), expected).pvalue > 1e-4


def test_equal_weights_and_columns_are_uniform():
    many = recipe(n_new=(40_000, 0, 0))
    drawn = many.draw(torch.arange(40_000), seed=1)
    pairs = drawn.base * 20 + drawn.neighbor
    counts = pairs.unique(return_counts=True)[1]
    assert len(counts) == 4 * K
    assert stats.chisquare(counts.numpy()).pvalue > 1e-4
    assert stats.kstest(drawn.step.numpy(), "uniform").pvalue > 1e-4


def test_exact_repeats():
    repeats = torch.tensor([0, 2, 0, 5, 1, 1, 0, 4, 0])
    drawn = recipe(repeats=repeats).draw(torch.arange(13), seed=0)
    assert drawn.base.tolist() == [1] * 2 + [3] * 5 + [10, 11] + [13] * 4


def test_unused_columns_are_never_drawn():
    base = recipe()
    table = base.table.clone()
    table[:, 1:] = -1
    one = recipe(table=table, valid=torch.ones(9, dtype=torch.int64))
    assert (one.draw(torch.arange(13), seed=0).neighbors >= 0).all()


def test_steps_towards_enemies_are_shorter_in_borderline_2():
    enemies = torch.ones(9, K, dtype=torch.bool)
    many = recipe("borderline-2", n_new=(5000, 0, 0), enemies=enemies)
    friendly = recipe("borderline-2", n_new=(5000, 0, 0), enemies=~enemies)
    indices = torch.arange(5000)
    assert many.draw(indices, seed=0).step.max() < 0.5
    assert friendly.draw(indices, seed=0).step.max() > 0.9


def test_a_generator_draws_on_its_device(device):
    def draw():
        return recipe().to(device).draw_from(torch.Generator(device).manual_seed(0))

    drawn = draw()
    assert drawn.base.device.type == torch.device(device).type
    assert drawn.labels.tolist() == [0] * 7 + [2] * 6
    assert torch.equal(drawn.steps, draw().steps)


@pytest.mark.parametrize("wrong", [-1, 13])
def test_numbers_outside_the_recipe_are_refused(wrong):
    with pytest.raises(IndexError, match=f"13.*{wrong}"):
        recipe().draw(torch.tensor([0, wrong]), seed=0)


def test_draws_with_several_neighbors_have_no_single_one():
    drawn = Draws(torch.zeros(2), torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(2))
    with pytest.raises(ValueError, match="3"):
        _ = drawn.neighbor
    with pytest.raises(ValueError, match="3"):
        _ = drawn.step


def reference(X, draws):
    out = []
    for base, neighbors, steps, _ in zip(*draws, strict=True):
        x = X[base].double()
        out.append(x + sum(s.double() * (X[j].double() - x) for j, s in zip(neighbors, steps, strict=True)))
    return torch.stack(out).to(X.dtype)


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_synthesize_is_the_formula(m, shape, dtype, device):
    g = torch.Generator().manual_seed(0)
    X = torch.randn(20, *shape, generator=g).to(dtype)
    draws = Draws(
        torch.randint(0, 20, (50,), generator=g),
        torch.randint(0, 20, (50, m), generator=g),
        torch.rand(50, m, generator=g).to(dtype),
        torch.zeros(50, dtype=torch.int64),
    )
    made = synthesize(X.to(device), Draws(*(values.to(device) for values in draws)))
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-5}.get(dtype, 5e-2)
    torch.testing.assert_close(made.cpu(), reference(X, draws), rtol=tolerance, atol=tolerance)
    assert made.dtype == dtype
    assert made.shape == (50, *shape)


def test_synthesize_in_chunks_writes_every_row():
    X = torch.randn(100, 3000, generator=torch.Generator().manual_seed(0))  # 12 kB a row: many chunks
    draws = recipe(n_new=(60, 0, 60)).draw(torch.arange(120), seed=0)
    out = torch.full((120, 3000), torch.nan)
    assert synthesize(X, draws, out=out) is out
    torch.testing.assert_close(out, reference(X, draws))


def test_constant_columns_stay_exactly_constant():
    X = torch.full((20, 4), 0.1)
    made = synthesize(X, recipe().draw(torch.arange(13), seed=0))
    assert torch.equal(made, torch.full((13, 4), 0.1))


@pytest.mark.global_rng  # gradcheck draws its directions from the global generator
def test_gradients_reach_base_and_neighbor():
    X = torch.randn(15, 3, dtype=torch.float64, requires_grad=True)
    draws = recipe(dtype=torch.float64).draw(torch.arange(13), seed=0)
    assert torch.autograd.gradcheck(lambda x: synthesize(x, draws), X)


def test_integers_are_refused():
    with pytest.raises(TypeError, match="int64"):
        synthesize(torch.zeros(15, 2, dtype=torch.int64), recipe().draw(torch.arange(1), seed=0))


def test_blend_may_write_over_its_base():
    base, other, steps = torch.zeros(4, 2), torch.ones(4, 1, 2), torch.tensor([[0.1], [0.2], [0.6], [0.9]])
    assert blend(base, other, steps, out=base) is base
    assert torch.equal(base, steps.expand(4, 2))
    several = torch.zeros(4, 2)
    assert blend(several, torch.ones(4, 2, 2), torch.full((4, 2), 0.25), out=several) is several
    assert torch.equal(several, torch.full((4, 2), 0.5))


def test_parts_of_a_class_are_drawn_apart_in_order():
    parts = (Part(0, 1, 3), Part(0, 3, 2), Part(2, 5, 4))
    several = recipe(parts=parts)
    drawn = several.draw(torch.arange(9), seed=0)
    assert several.n_new == (5, 0, 4)
    assert drawn.labels.tolist() == [0] * 5 + [2] * 4
    assert drawn.base[:3].tolist() == [0, 0, 0]
    assert set(drawn.base[3:5].tolist()) <= {1, 2, 3}


def test_without_a_table_the_neighbor_is_any_other_row_of_the_part():
    drawn = recipe(n_new=(20_000, 0, 10), table=None).draw(torch.arange(20_010), seed=0)
    pairs = drawn.base[:20_000] * 4 + drawn.neighbor[:20_000]
    counts = pairs.bincount(minlength=16).reshape(4, 4)
    assert (counts.diagonal() == 0).all()
    expected = 20_000 / 12
    assert (counts[~torch.eye(4, dtype=torch.bool)] - expected).abs().max() < 5 * expected**0.5
    alone = recipe(parts=(Part(0, 1, 3),), table=None).draw(torch.arange(3), seed=0)
    assert alone.neighbor.tolist() == alone.base.tolist() == [0, 0, 0]


def test_spans_shift_and_scale_the_step():
    plain = recipe().draw(torch.arange(13), seed=0)
    spans = torch.tensor([0.25, -0.5], dtype=torch.float64).expand(9, K, 2).contiguous()
    drawn = recipe(spans=spans).draw(torch.arange(13), seed=0)
    torch.testing.assert_close(drawn.steps, 0.25 - 0.5 * plain.steps)


def test_a_method_with_normal_steps_mixes_all_neighbors(device):
    variant = replace(VARIANTS["smote"], normal_steps=lambda normals, there: normals[:, 1:] + normals[:, :1])
    table = recipe().table.clone()
    table[0, 1:] = -1
    valid = (table >= 0).sum(1)
    many = Recipe(variant, 3, recipe().rows, (Part(0, 4, 30_000),), table, valid=valid).to(device)
    drawn = many.draw(torch.arange(30_000, device=device), seed=3)
    assert drawn.neighbors.shape == drawn.steps.shape == (30_000, K)
    first = drawn.base == 0
    assert (drawn.steps[first][:, 1:] == 0).all()
    assert (drawn.neighbors[first][:, 1:] == 0).all()
    assert drawn.steps[~first].var().item() == pytest.approx(2, rel=0.05)
    generator = torch.Generator(device).manual_seed(0)
    assert many.draw_from(generator).steps[:, 0].std().item() == pytest.approx(2**0.5, rel=0.05)
