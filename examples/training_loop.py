"""The training-loop door: SMOTEDataset in a DataLoader makes fresh synthetic rows in every epoch.

python examples/training_loop.py
"""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import SMOTEDataset, SMOTESampler, load_digits_imbalanced

digits = load_digits_imbalanced(imbalance_ratio=20)
X = torch.from_numpy(digits.data) / 16
y = torch.from_numpy(digits.target)

dataset = SMOTEDataset(TensorDataset(X, y), seed=0)  # SMOTE() to full balance; pass a resampler for more
print(f"{dataset.n_real} real rows, {dataset.n_synthetic} synthetic ones")
sampler = SMOTESampler(dataset, seed=0)
loader = DataLoader(dataset, batch_size=64, sampler=sampler, generator=torch.Generator().manual_seed(0))

torch.manual_seed(0)  # of the initial weights
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    total = 0.0
    for rows, labels in loader:
        loss = nn.functional.cross_entropy(model(rows), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(rows)
    print(f"epoch {epoch}: mean loss {total / len(dataset):.3f}")

where = dataset.provenance(len(dataset) - 1)  # the last row of epoch 0: which real rows it lies between
print(f"last row: from row {where.base} towards row {where.neighbor}, step {where.step:.2f}")
