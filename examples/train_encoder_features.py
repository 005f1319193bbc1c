"""Image files and transforms: neighbors in what the network has learned, searched again as it learns.

    python examples/train_encoder_features.py

The dataset has the interface of torchvision's: items are read one by one, `transform` applies to them, and
`targets` holds all labels, so that one of torchvision's takes its place. Neighbors are searched in features
of the network's body (`features=`), which a file keeps for the next run of the same body (`features_cache=`),
and searched again every two epochs, in the background (`RefreshNeighbors`). It prints what each refresh
changed, and how digits that were left out are recognised.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import balanced_accuracy_score
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from torchsmote import RefreshNeighbors, SMOTEDataset, SMOTESampler, load_digits_imbalanced

EPOCHS = 6


class Pictures(Dataset[Any]):
    """Arrays of 8 x 8 grey values, as torchvision's datasets hold pictures."""

    def __init__(
        self, images: np.ndarray, targets: np.ndarray, transform: Callable[[np.ndarray], Tensor]
    ) -> None:
        self.images, self.targets, self.transform = images, targets.tolist(), transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(self.images[index]), self.targets[index]


def to_tensor(image: np.ndarray) -> Tensor:
    """Grey values from 0 to 16 as a picture of one channel.

    A random transform (a crop, a flip) belongs into the training loop, after the DataLoader: drawn here, a
    synthetic picture would lie between two pictures that were each moved in another way.
    """
    return torch.from_numpy(image).reshape(1, 8, 8) / 16


digits = load_digits_imbalanced(imbalance_ratio=20)
used = {row.tobytes() for row in digits.data}
every = load_digits()
left_out = np.array([row.tobytes() not in used for row in every.data.astype(np.float32)])
test_x = torch.from_numpy(every.images[left_out]).float().unsqueeze(1) / 16

torch.manual_seed(0)  # of the initial weights
body = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 32), nn.ReLU()
)
net = nn.Sequential(body, nn.Dropout(0.2), nn.Linear(32, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "features.safetensors"  # in your own work, a file that stays
    pictures = Pictures(digits.data, digits.target, transform=to_tensor)
    data = SMOTEDataset(pictures, features=body, features_cache=file, seed=0)
    print(f"{data.n_real} pictures, {data.n_synthetic} synthetic ones; features kept in {file.name}")
    loader = DataLoader(
        data, batch_size=64, sampler=SMOTESampler(data), generator=torch.Generator().manual_seed(0)
    )
    with RefreshNeighbors(data, body, every=2, background=True) as refresh:
        for epoch in range(EPOCHS):
            for images, labels in loader:
                loss = nn.functional.cross_entropy(net(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            before = data.recipe.table
            refresh.epoch_end(epoch)
            after = data.recipe.table
            if after is not before and before is not None and after is not None:
                kept = (before.unsqueeze(2) == after.unsqueeze(1)).any(2).float().mean()
                print(f"from epoch {epoch + 1} on other neighbors: {kept:.0%} of them are the same")

net.eval()
with torch.no_grad():
    predicted = net(test_x).argmax(1)
score = balanced_accuracy_score(every.target[left_out], predicted)
print(f"balanced accuracy on {left_out.sum()} digits left out: {score:.3f}")
print("One seed is a check that it works, no comparison.")
