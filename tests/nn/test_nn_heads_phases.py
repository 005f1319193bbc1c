"""The three phases in one call: the whole network, its embeddings, its head."""

from __future__ import annotations

import json

import pytest
import torch
from heads_cases import Network, blobs, build, loader_of, retrained, snapshot
from torch import nn

from torchsmote import SMOTE, train_decoupled


def trained(model, loader=None, **options):
    options = {"epochs": 4, "lr": 0.01, "progress": False, **options}
    return train_decoupled(model, loader_of(*blobs(), shuffle=True) if loader is None else loader, **options)


@pytest.mark.parametrize("method", ["crt", "eos", SMOTE()], ids=str)
def test_it_is_training_followed_by_retrain_head(method, device):
    together, apart = build(Network).to(device), build(Network).to(device)
    report = trained(together, method=method, head_epochs=3, seed=2)
    trained(apart, method="lws", head_epochs=1, head_lr=1e-9, seed=2)  # a head as it was, nearly
    for name, value in together.body.state_dict().items():
        assert torch.equal(value, apart.body.state_dict()[name])
    alone = retrained(apart, method, loader_of(*blobs(), shuffle=True), epochs=3, seed=2)
    assert torch.equal(together.fc.weight, apart.fc.weight)
    assert report.retraining.after == alone.after
    assert report.losses[-1] < report.losses[0]
    assert len(report.losses) == 4


def test_modes_are_put_back_and_gradients_are_gone():
    model = build(Network)
    model.body[3].eval()
    modes = snapshot(model)["modes"]
    trained(model, method="tau", tau=0.5)
    assert snapshot(model)["modes"] == modes
    assert all(parameter.grad is None for parameter in model.parameters())
    assert int(model.body[1].num_batches_tracked) == 16  # it ran in train mode


def test_frozen_parameters_stay():
    model = build(Network)
    model.body[0].requires_grad_(False)
    before = model.body[0].weight.clone()
    trained(model)
    assert torch.equal(model.body[0].weight, before)


def test_an_optimizer_and_a_loss_of_yours():
    def run(**options):
        model = build(Network)
        optimizer = torch.optim.SGD(model.parameters(), 0.05)
        report = trained(model, lr=None, optimizer=optimizer, **options)
        assert optimizer.param_groups[0]["lr"] == 0.05
        return report.losses

    plain, smoothed = run(), run(loss=nn.CrossEntropyLoss(label_smoothing=0.2))
    assert plain[-1] < plain[0]
    assert plain[0] != smoothed[0]


def test_the_default_rate_falls_by_a_cosine():
    model, by_hand = build(lambda: nn.Linear(4, 3)), build(lambda: nn.Linear(4, 3))
    x, y = blobs()
    optimizer = torch.optim.AdamW(by_hand.parameters(), 1e-3)
    for epoch in range(3):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * (1 + torch.cos(torch.tensor(torch.pi * epoch / 3)).item()) / 2
        for rows in torch.arange(len(y)).split(16):
            loss = nn.functional.cross_entropy(by_hand(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    trained(model, loader_of(x, y), epochs=3, lr=None, method="tau", tau=0)
    torch.testing.assert_close(model.weight, by_hand.weight)


def test_outputs_may_hold_logits():
    class Output(Network):
        def forward(self, inputs):
            return type("Output", (), {"logits": super().forward(inputs)})

    x, y = blobs()
    one, two = build(Network), build(Output)
    trained(one, [(x, y)])
    trained(two, [{"inputs": x, "labels": y}])
    assert torch.equal(one.fc.weight, two.fc.weight)


def test_the_report_is_narrow_and_strict_json():
    report = trained(build(Network))
    assert max(map(len, str(report).splitlines())) <= 80
    assert str(report).startswith("whole network: 4 epochs, training loss ")
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["losses"] == list(report.losses)


X, Y = blobs()


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "`epochs` must be at least 1"),
        ({"head_epochs": 0}, ValueError, "`head_epochs` must be at least 1"),
        ({"lr": -1}, ValueError, "`lr` must be finite"),
        ({"head_lr": "x"}, TypeError, "`head_lr` must be a number"),
        ({"method": "unknown"}, ValueError, "`method` must be"),
        ({"head": "unknown"}, ValueError, "`head`='unknown' is no submodule"),
        ({"optimizer": "adam"}, TypeError, "`optimizer` must be a torch.optim.Optimizer"),
        ({"loss": "mse"}, TypeError, "`loss` must be a function"),
        ({"loss": lambda logits, y: 1.0}, TypeError, "`loss` must return a tensor, got float"),
        ({"loss": nn.CrossEntropyLoss(reduction="none")}, ValueError, r"`loss` must .* 0-dim .*\(16,\)"),
        ({"loader": 7}, TypeError, "`loader` must give batches"),
        ({"validation": 7}, TypeError, "`validation` must give batches"),
        ({"loader": []}, ValueError, "`loader` gave no batch"),
        ({"loader": [(X, Y + 1)]}, ValueError, "but row 55 of batch 0 of `loader` has 3"),
    ],
)  # fmt: skip
def test_bad_arguments_cost_no_training(given, error, message):
    model = build(Network)
    before = {name: value.clone() for name, value in model.named_parameters()}
    with pytest.raises(error, match=message):
        trained(model, **given)
    assert all(torch.equal(value, before[name]) for name, value in model.named_parameters())


def test_an_optimizer_and_a_rate_are_too_much():
    model = build(Network)
    with pytest.raises(ValueError, match="give it to your `optimizer`"):
        trained(model, optimizer=torch.optim.SGD(model.parameters(), 0.1))


def test_a_network_that_cannot_learn_is_named():
    with pytest.raises(ValueError, match="no parameter of `model` requires a gradient"):
        trained(build(Network).requires_grad_(False))
    with pytest.raises(ValueError, match="the training loss is nan in epoch"):
        trained(build(Network), lr=1e30)
    with pytest.raises(ValueError, match=r"must give logits \(61, num_classes\)"):
        trained(build(lambda: nn.Sequential(Network(), nn.Flatten(0))), [(X, Y)])
