"""The embedding door: EmbeddingSMOTE between the hidden layers and the head of a small CNN.

python examples/embedding.py
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import recall_score
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import EmbeddingSMOTE, load_digits_imbalanced

digits = load_digits_imbalanced(imbalance_ratio=20)
X = torch.from_numpy(digits.data).reshape(-1, 1, 8, 8) / 16
y = torch.from_numpy(digits.target)


class Net(nn.Module):
    """Convolutions, then synthetic embeddings (in training mode only), then the head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(256, 32),
            nn.ReLU(),
        )
        counts = torch.bincount(y, minlength=10)  # of the training set: rare digits get the synthetic rows
        self.smote = EmbeddingSMOTE(10, class_counts=counts, start_epoch=2, seed=0)
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Logits and the labels that go with them: more of both in training mode."""
        h, y = self.smote(self.body(x), y)
        return self.head(h), y


torch.manual_seed(0)  # of the initial weights
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
loader = DataLoader(
    TensorDataset(X, y), batch_size=64, shuffle=True, generator=torch.Generator().manual_seed(0)
)
for epoch in range(16):
    net.smote.set_epoch(epoch)
    rows = 0
    for images, labels in loader:
        logits, targets = net(images, labels)
        loss = nn.functional.cross_entropy(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rows += len(targets)
    print(f"epoch {epoch}: {rows} rows at the head, last loss {loss.item():.3f}")

# Scored on the digits that load_digits_imbalanced left out, never on training rows: synthetic rows lie among
# those, so training accuracy says little about new images. Recall of each digit, since accuracy over all
# would hide the rare ones. One training with one seed is a check that it works, no comparison.
used = {row.tobytes() for row in digits.data}
every = load_digits()
held_out = np.array([row.tobytes() not in used for row in every.data.astype(np.float32)])
images = torch.from_numpy(every.images[held_out]).float().unsqueeze(1) / 16
net.eval()
with torch.no_grad():
    predicted = net(images)[0].argmax(1).numpy()
recall = recall_score(every.target[held_out], predicted, average=None)
print(f"synthetic rows of each digit: {net.smote.drawn_counts.tolist()}")
print(
    f"{len(images)} held-out images: balanced accuracy {recall.mean():.2f}, recall of the 9 {recall[9]:.2f}"
)
