"""Searches and fits over the rows of 2 and 4 processes: the bits of one process, and errors on all of them.

One start of the processes for each world size does all of it.
"""

from __future__ import annotations

import knn_work
import pytest
import torch
from processes import run_ranks
from torch import distributed

from torchsmote.neighbors import knn

WORLDS = [2, 4]


def everything(rank):
    return {"knn": knn_work.found_by(rank), "knn refused": knn_work.refused(rank)}


@pytest.fixture(scope="module", params=WORLDS, ids=[f"{world} ranks" for world in WORLDS])
def found(request):
    """What each rank found, in rank order."""
    return run_ranks(everything, request.param)


@pytest.fixture(scope="module")
def wanted():
    """What one process finds."""
    return knn_work.found_by_all()


def test_a_sharded_search_has_the_bits_of_one_process(found, wanted):
    for way in (0, 1):
        for name, (distances, indices) in wanted.items():
            parts = [each["knn"][name][way] for each in found]
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


@pytest.fixture
def alone():
    """A group of this process alone."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield distributed.group.WORLD
    distributed.destroy_process_group()


def test_a_group_of_one_is_a_search_without_one(alone):
    x = torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    for reference in (None, x[:7]):
        for one, other in zip(knn(x, reference, group=alone), knn(x, reference), strict=True):
            assert torch.equal(one, other)


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
