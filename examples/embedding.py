"""The embedding door: EmbeddingSMOTE between the hidden layers and the head of a small CNN."""

from __future__ import annotations

import torch
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

net.eval()
with torch.no_grad():
    right = net(X)[0].argmax(1) == y
print(f"synthetic rows of each digit: {net.smote.drawn_counts.tolist()}")
print(f"training accuracy on the rarest digit, 9: {right[y == 9].float().mean():.2f}")
