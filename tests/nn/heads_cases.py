"""What the tests of head retraining share: small networks and long-tailed digits."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import load_digits_imbalanced, retrain_head


class Network(nn.Module):
    """A backbone with running statistics and dropout, and a head that is not its last Linear by chance."""

    def __init__(self, n_features=4, width=8, num_classes=3, bias=True):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(n_features, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(0.3)
        )
        self.fc = nn.Linear(width, num_classes, bias=bias)

    def forward(self, x):
        return self.fc(self.body(x))


def build(make, seed=0):
    """A module whose first weights are a function of the seed."""
    with torch.random.fork_rng([]):
        torch.default_generator.manual_seed(seed)
        return make()


def blobs(counts=(40, 15, 6), n_features=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    centres = 2 * torch.eye(len(counts), n_features)
    return torch.randn(len(y), n_features, generator=generator) + centres[y], y


def loader_of(x, y, batch_size=16, **kwargs):
    return DataLoader(TensorDataset(x, y), batch_size=batch_size, **kwargs)


def long_tailed_digits(seed):
    """Loaders of the long-tailed rows, and of all that are not among them."""
    tail, every = load_digits_imbalanced(50, seed=seed), load_digits()
    kept = {row.tobytes() for row in tail.data}
    data = every.data.astype(np.float32)
    held = np.array([row.tobytes() not in kept for row in data])

    def load(X, y, **kwargs):
        return loader_of(torch.tensor(X / 16), torch.tensor(y), 64, **kwargs)

    return load(tail.data, tail.target, shuffle=True), load(data[held], every.target[held])


def snapshot(model):
    """All that must not change, as values."""
    return {
        "parameters": {name: value.detach().clone() for name, value in model.named_parameters()},
        "buffers": {name: value.clone() for name, value in model.named_buffers()},
        "grads": {n: None if p.grad is None else p.grad.clone() for n, p in model.named_parameters()},
        "learning": {name: value.requires_grad for name, value in model.named_parameters()},
        "modes": {name: module.training for name, module in model.named_modules()},
        "hooks": {name: len(module._forward_pre_hooks) for name, module in model.named_modules()},
    }


def differing(before, after):
    """Which entries differ, as (kind, name)."""
    return {
        (kind, name)
        for kind, values in before.items()
        for name, value in values.items()
        if not (
            torch.equal(value, after[kind][name])
            if isinstance(value, torch.Tensor)
            else value == after[kind][name]
        )
    }


def worn(device="cpu", **options):
    """A network in use: running statistics, gradients, some parts in eval mode, some frozen."""
    model = build(lambda: Network(**options)).to(device)
    x, y = (values.to(device) for values in blobs())
    with torch.random.fork_rng():
        nn.functional.cross_entropy(model(x), y).backward()
    model.body[1].eval()
    model.body[0].requires_grad_(False)
    model.fc.weight.requires_grad_(False)
    return model


def retrained(model, method="crt", loader=None, **options):
    return retrain_head(model, loader or loader_of(*blobs()), method=method, progress=False, **options)
