"""What ranks do in tests of sharded fits, and what one process makes."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from knn_work import N, answer_to, sharded, share
from torch import distributed

from torchsmote import (
    ADASYN,
    SMOTE,
    SVMSMOTE,
    BorderlineSMOTE,
    DataWarning,
    FewSamplesWarning,
    KNeighbors,
    RandomOverSampler,
    TomekLinks,
)
from torchsmote.distributed import fit_resample, recipe


def table():
    """Three classes that overlap; of four ranks the first has no row of the rarest."""
    generator = torch.Generator().manual_seed(0)
    y = torch.zeros(N, dtype=torch.int64)
    y[torch.randperm(N, generator=generator)[:25]] = 1
    y[3 + torch.randperm(N - 3, generator=generator)[:12]] = 2
    return torch.randn(N, 4, generator=generator) + 0.7 * y[:, None], y


def doubled(y):
    return {2: 2 * int((y == 2).sum())}


X, Y = table()
CONTAINERS = {
    "tensors": (X, Y),
    "arrays": (X.double().numpy(), np.array(["no", "perhaps", "yes"])[Y.numpy()]),
    "whole numbers": ((1000 * X).to(torch.int32), (Y - 1).to(torch.int8)),
    "images": (X.bfloat16().reshape(N, 1, 2, 2), Y.float()),
    "lists of labels": (X.numpy(), [["a", "b", "c"][label] for label in Y]),
}
METHODS = {
    "SMOTE": SMOTE(),
    "BorderlineSMOTE": BorderlineSMOTE(),
    "BorderlineSMOTE 2": BorderlineSMOTE(kind="borderline-2"),
    "ADASYN": ADASYN(),
    "RandomOverSampler": RandomOverSampler(),
}
STREAMS = {
    "RandomState": lambda: np.random.RandomState(2),
    "Generator": lambda: torch.Generator().manual_seed(5),
}


def cases():
    """Name, resampler and table of each fit; ranks give it their share of the table."""
    for container, given in CONTAINERS.items():
        for method, resampler in METHODS.items():
            yield f"{method} of {container}", resampler.set_params(random_state=3), *given
    for stream, make in STREAMS.items():
        for method in ("SMOTE", "RandomOverSampler"):
            yield f"{method} by {stream}", METHODS[method].set_params(random_state=make()), X, Y
    for name, options in {
        "some classes": {"sampling_strategy": {2: 14}},
        "a function of labels": {"sampling_strategy": doubled},
        "few samples": {"k_neighbors": 14, "few_samples": "shrink"},
        "repeated rows": {"k_neighbors": 14, "few_samples": "duplicate"},
        "nothing to do": {"sampling_strategy": {2: 12}},
    }.items():
        yield name, SMOTE(**options, random_state=3), X, Y


def made_by(fit, part=lambda values: values):
    """Rows, labels, draws and indices of each case, by a function like ``fit_resample``."""
    made = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        warnings.simplefilter("ignore", FewSamplesWarning)
        for name, resampler, x, y in cases():
            rows = fit(resampler, part(x), part(y))
            made[name] = (*rows, resampler.draws_, resampler.sample_indices_)
    return made


def made_in_one():
    return made_by(lambda resampler, x, y: resampler.fit_resample(x, y))


def made_by_rank(rank, sizes):
    """What this rank makes, once for each size up to which references go to all at once; then the recipes."""
    world = distributed.get_world_size()
    ways = []
    for sharded.SMALL in sizes:
        ways.append(made_by(fit_resample, lambda values: share(values, rank, world)))
    mine = share(X, rank, world), share(Y, rank, world)
    unseeded = fit_resample(SMOTE(), *mine)
    recipes = {name: recipe(resampler, *mine) for name, resampler in METHODS.items()}
    return {"ways": ways, "unseeded": unseeded, "recipes": recipes, "real": len(mine[0])}


def made_of_dtensors():
    """Whole rows and labels, and the sizes of this rank's, of each case that DTensors can hold."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import Shard, distribute_tensor

    mesh = init_device_mesh("cpu", (distributed.get_world_size(),))
    made = {}
    for container in ("tensors", "images"):
        x, y = (distribute_tensor(values, mesh, [Shard(0)]) for values in CONTAINERS[container])
        for method, resampler in METHODS.items():
            rows = resampler.set_params(random_state=3).fit_resample(x, y)
            sizes = [len(values.to_local()) for values in rows]
            whole = [values.full_tensor() for values in rows]
            made[f"{method} of {container}"] = (*whole, sizes, resampler.draws_, resampler.sample_indices_)
    x, y = (distribute_tensor(values, mesh, [Shard(0)]) for values in (X, Y))
    replicated = y.redistribute(placements=[torch.distributed.tensor.Replicate()])
    refused = {
        "plain y": answer_to(lambda: SMOTE().fit_resample(x, Y)),
        "replicated y": answer_to(lambda: SMOTE().fit_resample(x, replicated)),
        "another resampler": answer_to(lambda: SVMSMOTE().fit_resample(x, y)),
        "a cleaner": answer_to(lambda: TomekLinks().fit_resample(x, y)),
    }
    return {"made": made, "refused": refused, "recipe": SMOTE().recipe(x, y)}


def fits_refused(rank):
    """What each mistake, mostly of rank 1, is answered with on this rank: name -> (type, message)."""
    world = distributed.get_world_size()
    odd = rank == 1
    x, y = share(X, rank, world), share(Y, rank, world)
    hole = torch.where(torch.tensor(odd), torch.nan, x)
    calls = {
        "k_neighbors": lambda: fit_resample(SMOTE(k_neighbors=4 if odd else 5), x, y),
        "resampler": lambda: fit_resample(ADASYN() if odd else SMOTE(), x, y),
        "random_state": lambda: fit_resample(SMOTE(random_state=np.random.RandomState(rank == 1)), x, y),
        "dtype of X": lambda: fit_resample(SMOTE(), x.double() if odd else x, y),
        "shape of a row of X": lambda: fit_resample(SMOTE(), x[:, :2] if odd else x, y),
        "dtype of y": lambda: fit_resample(SMOTE(), x, y.bool() if odd else y),
        "no row": lambda: fit_resample(SMOTE(), x[:0] if odd else x, y[:0] if odd else y),
        "lengths": lambda: fit_resample(SMOTE(), x, y[1:] if odd else y),
        "nan": lambda: fit_resample(SMOTE(), hole, y),
        "parameter": lambda: fit_resample(SMOTE(k_neighbors=0), x, y),
        "one class": lambda: fit_resample(SMOTE(), x, y * 0),
        "few samples": lambda: fit_resample(SMOTE(k_neighbors=14), x, y),
        "constraint": lambda: fit_resample(SMOTE(constraint=len), x, y),
        "shrinkage": lambda: fit_resample(RandomOverSampler(shrinkage=1.0), x, y),
        "estimator": lambda: fit_resample(SMOTE(k_neighbors=KNeighbors(4)), x, y),
        "approximate": lambda: fit_resample(SMOTE(backend="faiss-hnsw"), x, y),
        "another resampler": lambda: fit_resample(SVMSMOTE(), x, y),
        "list": lambda: fit_resample(SMOTE(), x.tolist(), y),
    }
    return {name: answer_to(call) for name, call in calls.items()}
