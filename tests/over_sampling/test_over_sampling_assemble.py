"""Parts of different make in one recipe."""

import torch

from torchsmote.over_sampling.class_recipe import ClassRecipe, assemble
from torchsmote.variants import VARIANTS


def test_a_part_without_weights_enemies_or_spans_draws_as_it_does_alone():
    full = ClassRecipe(
        0,
        torch.tensor([0, 1, 2]),
        torch.tensor([[1, 2], [0, 2], [0, 1]]),
        50,
        weights=torch.tensor([0, 0, 3]),
        enemies=torch.tensor([[True, False]] * 3),
        spans=torch.tensor([[0.0, -0.5]], dtype=torch.float64).repeat(3, 2, 1),
    )
    bare = ClassRecipe(1, torch.tensor([3, 4]), torch.tensor([[4, 5, 6], [3, 5, 6]]), 60)
    variant = VARIANTS["borderline-2"]
    for parts in ([full, bare], [bare, full]):
        draws = assemble(parts, 2, variant, torch.float64, torch.device("cpu")).draw(
            torch.arange(110), seed=1
        )
        alone = assemble([bare], 2, variant, torch.float64, torch.device("cpu"))
        start = 0 if parts[0] is bare else 50
        own = slice(start, start + 60)
        if start == 0:
            for mine, expected in zip(draws, alone.draw(torch.arange(60), seed=1), strict=True):
                assert torch.equal(mine[own], expected)
        assert set(draws.base[own].tolist()) == {3, 4}
        assert set(draws.neighbor[own].tolist()) == {3, 4, 5, 6}
        assert ((draws.step[own] >= 0) & (draws.step[own] < 1)).all()
        rest = torch.cat((draws.base[:start], draws.base[start + 60 :]))
        assert set(rest.tolist()) == {2}
        assert (torch.cat((draws.step[:start], draws.step[start + 60 :])) <= 0).all()
