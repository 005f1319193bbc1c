"""SMOTEDataset from a saved recipe: the same rows without a search, and no recipe of other rows."""

from __future__ import annotations

import pytest
import torch
from torch.utils.data import TensorDataset

from torchsmote import ADASYN, SMOTE, LeeSMOTE, SMOTEDataset, over_sampling
from torchsmote.over_sampling.neighbor_search import NeighborSearch
from torchsmote.over_sampling.searched_table import SearchedTable
from torchsmote.recipe import Part, Recipe
from torchsmote.variants import VARIANTS

N = 60


def data():
    X = torch.randn(N, 3, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([0] * 40 + [1] * 12 + [2] * 8)
    return TensorDataset(X, y)


@pytest.mark.parametrize(
    "resampler",
    [SMOTE(k_neighbors=3), ADASYN(), LeeSMOTE(k_neighbors=3, max_redraws=100)],
    ids=lambda resampler: type(resampler).__name__,
)
def test_a_saved_recipe_makes_the_same_rows_without_a_search(resampler, tmp_path, monkeypatch):
    fitted = SMOTEDataset(data(), resampler, seed=3)
    fitted.recipe.save(tmp_path / "recipe")

    def search(*args, **kwargs):
        pytest.fail("a neighbour was searched")

    monkeypatch.setattr(over_sampling.neighbor_search, "neighbors_among", search)
    loaded = SMOTEDataset(data(), resampler, seed=3, recipe=Recipe.load(tmp_path / "recipe"))
    assert len(loaded) == len(fitted)
    assert torch.equal(loaded.targets, fitted.targets)
    for index in range(N, 3 * len(fitted), 7):
        assert torch.equal(loaded[index][0], fitted[index][0])
        assert torch.equal(loaded[index][1], fitted[index][1])
    assert repr(loaded) == repr(fitted)


def test_refresh_after_a_load_searches_anew():
    recipe = SMOTE(k_neighbors=3).recipe(*data().tensors)
    dataset = SMOTEDataset(data(), SMOTE(k_neighbors=3), recipe=recipe)
    dataset.refresh(-(data().tensors[0].flip(1) ** 2))
    assert not torch.equal(dataset.recipe.table, recipe.table)


def test_a_recipe_of_other_rows_is_refused():
    X, y = data().tensors
    recipe = SMOTE(k_neighbors=3).recipe(X, y)

    same = SMOTE(k_neighbors=3, random_state=1, max_redraws=5)  # how rows are drawn is no part of the fit

    def built(rows, resampler=same):
        return SMOTEDataset(TensorDataset(X[rows], y[rows]), resampler, recipe=recipe)

    with pytest.raises(ValueError, match="fitted on 60 rows, but there are 59"):
        built(torch.arange(59))
    with pytest.raises(ValueError, match="classes of 40, 12, 8 rows, but here they have 41, 12, 7"):
        built(torch.tensor([*range(59), 0]))
    with pytest.raises(ValueError, match="in another order"):
        built(torch.arange(60).flip(0))
    every = torch.arange(60)
    assert len(built(every)) == 120
    with pytest.raises(ValueError, match=r"fitted by SMOTE\(k_neighbors=3\), but `resampler` is ADASYN\(\)"):
        built(every, ADASYN())
    with pytest.raises(ValueError, match=r"is SMOTE\(\); pass .* resampler=SMOTE\(k_neighbors=3\)"):
        built(every, None)


def test_what_is_no_recipe_of_a_fit_is_refused():
    with pytest.raises(TypeError, match="`recipe` must be a Recipe"):
        SMOTEDataset(data(), recipe="recipe.safetensors")
    rows = torch.arange(3)
    by_hand = Recipe(VARIANTS["smote"], 3, rows, (Part(2, 3, 4),), rows.roll(1)[:, None])
    with pytest.raises(ValueError, match="does not say what it was fitted on"):
        SMOTEDataset(data(), recipe=by_hand)


def test_a_recipe_of_a_table_with_its_own_search_says_who_fitted_it():
    X, y = data().tensors
    smote = SMOTE(k_neighbors=3)
    recipe = smote.recipe(SearchedTable(X, NeighborSearch), y)
    assert recipe.origin == smote.recipe(X, y).origin
