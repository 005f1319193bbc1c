"""A TensorDict as dataset: batches are TensorDicts, and every floating tensor in it is interpolated.

    python examples/tensordict_loop.py

The digits lie in a memory-mapped TensorDict: images, their row and column sums nested below, labels, and the
number of each image, which a synthetic one has from its base. TensorDict users collate with
``collate_fn=lambda batch: batch``; the default does as well. Needs the extra ``trainers``.
"""

from __future__ import annotations

import tempfile

import torch
from tensordict import TensorDict
from torch import nn
from torch.utils.data import DataLoader

from torchsmote import SMOTEDataset, SMOTESampler, load_digits_imbalanced

digits = load_digits_imbalanced(imbalance_ratio=20)
images = torch.from_numpy(digits.data).reshape(-1, 8, 8) / 16
rows = TensorDict(
    {
        "image": images,
        "sums": {"rows": images.sum(2), "columns": images.sum(1)},
        "label": torch.from_numpy(digits.target),
        "number": torch.arange(len(images)),
    },
    batch_size=[len(images)],
)

torch.manual_seed(0)  # of the initial weights
model = nn.Sequential(nn.Linear(80, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

with tempfile.TemporaryDirectory() as folder:
    dataset = SMOTEDataset(rows.memmap_(folder), seed=0)
    print(f"{dataset.n_real} real rows, {dataset.n_synthetic} synthetic ones")
    sampler = SMOTESampler(dataset, seed=0)
    loader = DataLoader(
        dataset, batch_size=64, sampler=sampler, collate_fn=lambda batch: batch, num_workers=2
    )
    for epoch in range(3):
        total = 0.0
        for batch in loader:  # a TensorDict with batch_size [64]; the last one is smaller
            inputs = torch.cat(
                (batch["image"].flatten(1), batch["sums", "rows"], batch["sums", "columns"]), 1
            )
            loss = nn.functional.cross_entropy(model(inputs), batch["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch}: mean loss {total / len(dataset):.3f}")

    item, where = dataset[-1], dataset.provenance(-1)
    kept = torch.allclose(item["image"].sum(1), item["sums", "rows"])
    print(f"last row: image {int(item['number'])} towards image {where.neighbor}, step {where.step:.2f}")
    print(f"its nested sums are still those of its image: {kept}")
