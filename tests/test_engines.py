"""The seam for tables out of memory: a method that only asks for neighbours works on any search."""

from __future__ import annotations

import pytest
import torch

from torchsmote import ADASYN, SMOTE, BorderlineSMOTE, GaussianSMOTE, RandomOverSampler, TomekLinks, engines
from torchsmote.neighbors import neighbors_among
from torchsmote.over_sampling.class_recipe import assemble
from torchsmote.over_sampling.neighbor_search import NeighborSearch


class Elsewhere:
    """A table that is not here: of a shape, and nothing else."""

    def __init__(self, rows):
        self.kept, self.shape = rows, tuple(rows.shape)


class Search(NeighborSearch):
    """Finds neighbours without giving the rows away."""

    def __init__(self, kept, owner):
        super().__init__(None, "auto", owner)
        object.__setattr__(self, "kept", kept)

    device = torch.device("cpu")
    n_rows = property(lambda self: len(self.kept))

    def found(self, k, queries, references):
        return neighbors_among(self.kept, k, queries=queries, references=references).indices


class Engine:
    def takes(self, X):
        return isinstance(X, Elsewhere)

    def fit_resample(self, resampler, X, y):
        raise NotImplementedError

    def recipe(self, resampler, X, y, generator):
        stub = torch.empty(X.shape, device="meta")
        targets = resampler.check(stub, y)
        parts = resampler.class_recipes(Search(X.kept, type(resampler).__name__), targets, generator)
        return assemble(parts, len(targets.counts), resampler.variant, X.kept.dtype, torch.device("cpu"))


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setattr(engines, "_ENGINES", [Engine()])
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(60, 3, generator=generator)
    return X, (torch.arange(60) % 4 == 0).long()


@pytest.mark.parametrize(
    "resampler",
    [SMOTE(), BorderlineSMOTE(), BorderlineSMOTE(kind="borderline-2"), ADASYN(), RandomOverSampler()],
    ids=["SMOTE", "borderline-1", "borderline-2", "ADASYN", "random"],
)
def test_a_method_that_only_asks_for_neighbors_has_the_same_recipe(table, resampler):
    X, y = table
    here, there = resampler.recipe(X, y), resampler.recipe(Elsewhere(X), y)
    assert here.parts == there.parts
    for name in ("rows", "table", "weights", "repeats", "enemies"):
        one, other = getattr(here, name), getattr(there, name)
        assert (one is None and other is None) or torch.equal(one, other), name


def test_a_method_that_needs_the_rows_says_so(table):
    X, y = table
    with pytest.raises(AttributeError):
        GaussianSMOTE().recipe(Elsewhere(X), y)  # an engine's search refuses `rows` in words of its own
    with pytest.raises(TypeError, match="TomekLinks needs `X` in memory, got a table of type Elsewhere"):
        TomekLinks().fit_resample(Elsewhere(X), y)
