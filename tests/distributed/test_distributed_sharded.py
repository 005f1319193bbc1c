"""Searches and fits over the rows of 2 and 4 processes: the bits of one process, and errors on all of them.

One start of the processes for each world size does all of it. Two processes pass references around and give
all to each at once; four, which may have to share two cores, pass them around, and do what DTensors need.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from processes import run_ranks
from torch import distributed

from torchsmote import SMOTE, engines, knn

sys.path.append(str(Path(__file__).parent))
import fit_work
import knn_work

WORLDS = [2, 4]


def everything(rank):
    two = distributed.get_world_size() == 2
    sizes = (0, knn_work.GATHERED) if two else (0,)
    return {
        "knn": knn_work.found_by(rank, sizes),
        "knn refused": knn_work.refused(rank),
        "fits": fit_work.made_by_rank(rank, sizes),
        "fits refused": fit_work.fits_refused(rank),
        "DTensors": None if two else fit_work.made_of_dtensors(),
    }


@cache
def found_by(world):
    return run_ranks(everything, world)


@pytest.fixture(params=WORLDS, ids=[f"{world} ranks" for world in WORLDS])
def found(request):
    """What each rank found, in rank order."""
    return found_by(request.param)


@pytest.fixture
def dtensors():
    """What each of four ranks made of DTensors."""
    return [each["DTensors"] for each in found_by(4)]


@pytest.fixture(scope="module")
def wanted():
    """What one process finds."""
    return knn_work.found_by_all()


def test_a_sharded_search_has_the_bits_of_one_process(found, wanted):
    for name, (distances, indices) in wanted.items():
        for parts in zip(*(each["knn"][name] for each in found), strict=True):
            assert torch.equal(torch.cat([part[1] for part in parts]), indices), name
            assert torch.equal(torch.cat([part[0] for part in parts]), distances), name


DISAGREE = {
    "k": "`k`: 5 on rank",
    "dtype": "`dtype`: torch.float32 on rank",
    "columns": "`columns`: 3 on rank",
    "metric": "`metric`: euclidean on rank",
    "exclude_self": "`exclude_self`: False on rank",
    "relation": "`relation`: different on rank",
    "labels": "`labels`: none on rank",
    "reference": "`reference`: none on rank",
}
OF_RANK_1 = {
    "no row": "on rank 1: `query` must have at least one row",
    "no query": "on rank 1: `query` has no row here, but every rank needs",
    "nan": "on rank 1: `query` must be finite, got nan in row 0, column 1",
    "no labels": "on rank 1: `relation`='same' needs `query_labels`",
    "backend": "on rank 1: `backend`='kdtree' is not usable: no tree grows here",
    "zero row": "on rank 1: `query` has a row of zeros",
}


def test_a_mistake_of_one_rank_is_the_same_error_on_all(found):
    first = found[0]["knn refused"]
    assert all(each["knn refused"] == first for each in found)
    for name, fact in {**DISAGREE, **OF_RANK_1}.items():
        kind, message = first[name]
        assert kind == "ValueError", name
        assert fact in message, name
        assert "rank 1" in message, name
    assert first["type of k"] == ("TypeError", "on every rank: `k` must be an int, got '5' of type str")
    assert "`labels of rank 1` holds numbers" in first["kinds of labels"][1]


@pytest.fixture(scope="module")
def made():
    """What one process makes."""
    return fit_work.made_in_one()


def joined(values):
    return torch.cat(values) if isinstance(values[0], torch.Tensor) else np.concatenate(values)


def test_a_sharded_fit_makes_the_rows_of_one_process(found, made):
    for ways in zip(*(each["fits"]["ways"] for each in found), strict=True):
        for name, (x, y, draws, _) in made.items():
            parts = [(way[name], each["fits"]["real"]) for way, each in zip(ways, found, strict=True)]
            for place, wanted in enumerate((x, y)):
                real = joined([part[place][:n] for part, n in parts])
                new = joined([part[place][n:] for part, n in parts])
                got = joined([real, new])
                assert getattr(got, "dtype", None) == getattr(joined([wanted]), "dtype", None), name
                assert bool((got == joined([wanted])).all()), name
            for place, wanted in enumerate(draws):
                assert torch.equal(torch.cat([part[2][place] for part, _ in parts]), wanted), name


def test_ranks_make_as_many_rows_give_or_take_one_and_say_where_rows_come_from(found, made):
    for name, (_, _, _, indices) in made.items():
        parts = [(each["fits"]["ways"][0][name], each["fits"]["real"]) for each in found]
        shares = [len(part[0]) - n for part, n in parts]
        assert max(shares) - min(shares) <= 1, name
        given = [part[3][:n] for part, n in parts] + [part[3][n:] for part, n in parts]
        assert np.array_equal(np.concatenate(given), indices), name


def test_without_a_seed_ranks_draw_shares_of_one_stream(found):
    labels = torch.cat([each["fits"]["unseeded"][1] for each in found])
    assert labels.bincount().tolist() == [int(fit_work.Y.bincount().max())] * 3
    new = torch.cat([each["fits"]["unseeded"][0][each["fits"]["real"] :] for each in found])
    assert len(new.unique(dim=0)) == len(new)


def same_recipe(one, other):
    tensors = ("rows", "table", "valid", "weights", "repeats", "enemies")
    pairs = [(getattr(one, name), getattr(other, name)) for name in tensors]
    return (one.parts, one.origin, one.dtype) == (other.parts, other.origin, other.dtype) and all(
        (a is None and b is None) or torch.equal(a, b) for a, b in pairs
    )


def test_every_rank_has_the_recipe_of_one_process(found):
    for name, resampler in fit_work.METHODS.items():
        wanted = resampler.recipe(fit_work.X, fit_work.Y)
        assert all(same_recipe(each["fits"]["recipes"][name], wanted) for each in found), name


def test_a_mistake_in_a_fit_is_the_same_error_on_all_ranks(found):
    first = found[0]["fits refused"]
    assert all(each["fits refused"] == first for each in found)
    for name in (
        "k_neighbors",
        "resampler",
        "random_state",
        "dtype of X",
        "shape of a row of X",
        "dtype of y",
    ):
        assert first[name][0] == "ValueError", name
        assert f"ranks disagree about `{name}`: " in first[name][1], name
    for name, fact in {
        "no row": "on rank 1: `X` is empty",
        "lengths": "labels; they must match",
        "nan": "on rank 1: `X` contains NaN",
        "parameter": "on every rank: The 'k_neighbors' parameter of SMOTE",
        "one class": "has only 1 class",
        "few samples": "class 2 has 12 samples but k_neighbors=14 needs 15",
        "constraint": "SMOTE: `constraint` needs the rows in memory, got a table that is spread over ranks",
        "shrinkage": "RandomOverSampler: `shrinkage` needs the rows in memory",
        "estimator": "SMOTE: `k_neighbors` is an estimator and needs the rows in memory",
        "approximate": "`backend`='faiss-hnsw' is approximate",
    }.items():
        assert first[name][0] == "ValueError", name
        assert fact in first[name][1], name
    for name, fact in {
        "another resampler": "SVMSMOTE needs `X` in memory, got a table that is spread over ranks",
        "list": "`X` must be this rank's rows as a tensor or array, got list",
    }.items():
        assert first[name][0] == "TypeError", name
        assert fact in first[name][1], name


def test_dtensors_come_out_as_the_rows_of_one_process_in_order(dtensors, made):
    for name in dtensors[0]["made"]:
        parts, wanted = [each["made"][name] for each in dtensors], made[name]
        for x, y, sizes, _, _ in parts:
            assert torch.equal(x, wanted[0]), name
            assert torch.equal(y, wanted[1]), name
            assert max(sizes) <= -(-len(wanted[0]) // 4)
        assert np.array_equal(np.concatenate([part[4] for part in parts]), wanted[3]), name
        assert torch.equal(torch.cat([part[3].base for part in parts]), wanted[2].base), name
    wanted = SMOTE().recipe(fit_work.X, fit_work.Y)
    assert all(same_recipe(each["recipe"], wanted) for each in dtensors)


def test_what_dtensors_cannot_do_is_refused(dtensors):
    refused = dtensors[0]["refused"]
    assert all(each["refused"] == refused for each in dtensors)
    assert refused["plain y"][0] == "TypeError"
    assert "`y` must be a DTensor, as `X` is, got Tensor" in refused["plain y"][1]
    assert "`y` must be sharded by rows" in refused["replicated y"][1]
    assert "SVMSMOTE needs `X`" in refused["another resampler"][1]
    assert "TomekLinks needs `X` in memory" in refused["a cleaner"][1]


def test_a_plain_tensor_has_no_engine():
    assert engines.engine_of(fit_work.X) is None


def test_a_group_of_one_is_a_search_without_one(alone):
    x = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    for reference in (None, x[:7]):
        for one, other in zip(knn(x, reference, group=alone), knn(x, reference), strict=True):
            assert torch.equal(one, other)


def test_a_fit_over_a_group_of_one_is_that_of_one_process(alone, made):
    for name, rows in fit_work.made_by(fit_work.fit_resample).items():
        for place in (0, 1):
            assert bool((joined([rows[place]]) == joined([made[name][place]])).all()), name
        assert np.array_equal(rows[3], made[name][3]), name


def test_what_is_no_group_is_refused(alone):
    with pytest.raises(TypeError, match=r"`group` must be a process group .* got str"):
        knn(torch.zeros(3, 1), group="gloo")


def test_an_approximate_backend_is_refused(alone):
    with pytest.raises(ValueError, match="'faiss-ivf' is approximate, which a search with `group` is not"):
        knn(torch.zeros(3, 1), backend="faiss-ivf", group=alone)


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_a_search_over_nccl_has_the_bits_of_the_cpu():
    found = run_ranks(over_nccl, 2, backend="nccl")
    x = torch.randn(3000, 16, generator=torch.Generator().manual_seed(0))
    distances, indices = knn(x, k=7, exclude_self=True)
    for way in (0, 1):
        assert torch.equal(torch.cat([each[way][1] for each in found]), indices)
        assert torch.equal(torch.cat([each[way][0] for each in found]), distances)


def over_nccl(rank):
    torch.cuda.set_device(rank)
    x = torch.randn(3000, 16, generator=torch.Generator().manual_seed(0))
    mine = (x[:1000] if rank == 0 else x[1000:]).cuda()
    ways = []
    for small in (0, knn_work.GATHERED):
        knn_work.sharded.SMALL = small
        found = knn(mine, k=7, exclude_self=True, group=distributed.group.WORLD)
        ways.append(tuple(part.cpu() for part in found))
    return ways
