"""One graph, no recompilation: torch.compile gives the rows and gradients of eager mode, step for step."""

import copy

import pytest
import torch

from torchsmote import (
    ADASYN,
    BorderlineSMOTE,
    GeometricSMOTE,
    PolynomFitSMOTE,
    RandomOverSampler,
)
from torchsmote.nn import EmbeddingSMOTE
from torchsmote.nn.functional import smote

CASES = [
    (None, {}),
    (None, {"bank_size": 30, "soft_labels": True}),
    (None, {"detach": True, "class_counts": [30, 20, 10]}),
    (RandomOverSampler(), {}),
    (BorderlineSMOTE(kind="borderline-2"), {"soft_labels": True}),
    (ADASYN(), {"bank_size": 9}),
    (PolynomFitSMOTE(topology="mesh"), {}),
    (GeometricSMOTE(), {"bank_size": 9, "soft_labels": True}),
    (GeometricSMOTE(selection_strategy="minority", deformation_factor=1.0), {"detach": "base"}),
]


def batch(step, rows=32):
    generator = torch.Generator().manual_seed(step)
    y = (torch.rand(rows, generator=generator) * 5).long() % 3
    return torch.randn(rows, 8, generator=generator), y


def run(layer, step, device, rows=32):
    """One training step: rows, labels and the gradient of the batch."""
    h, y = (values.to(device) for values in batch(step, rows))
    h.requires_grad_()
    h2, y2 = layer(h, y)
    weight = torch.linspace(-1, 1, h2.numel(), device=device).reshape(h2.shape)
    (h2.square() * weight).sum().backward()
    return h2.detach(), y2, h.grad


@pytest.fixture
def graphs():
    """A function that says how many graphs were compiled since the test began."""
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    yield lambda: torch._dynamo.utils.counters["stats"]["unique_graphs"]
    torch._dynamo.reset()


def follow(layer, backend, device, steps, graphs):
    eager, compiled = layer.to(device), copy.deepcopy(layer).to(device)
    together = torch.compile(compiled, fullgraph=True, backend=backend)
    for step in range(steps):
        with torch._dynamo.config.patch(error_on_recompile=step > 0):
            expected, got = run(eager, step, device), run(together, step, device)
        for left, right in zip(expected, got, strict=True):
            torch.testing.assert_close(left, right)
    for left, right in zip(eager.state_dict().values(), compiled.state_dict().values(), strict=True):
        assert torch.equal(left, right)
    return graphs()


@pytest.mark.parametrize(("resampler", "options"), CASES, ids=repr)
def test_compiled_equals_eager_for_20_steps(device, resampler, options, graphs):
    layer = EmbeddingSMOTE(3, resampler, seed=3, **options)
    assert follow(layer, "aot_eager", device, 20, graphs) == 1


def test_a_masked_step_is_one_graph(device, graphs):
    eager = EmbeddingSMOTE(3, GeometricSMOTE(), detach="neighbor").to(device)
    compiled = torch.compile(copy.deepcopy(eager), fullgraph=True, backend="aot_eager")
    for step in range(3):
        h, y = (values.to(device) for values in batch(step))
        mask = h[:, :4] > -1
        results = []
        for each in (eager, compiled):
            steps = h.reshape(32, 4, 2).clone().requires_grad_()
            h2, y2, mask2 = each(steps, y, mask)
            h2.square().sum().backward()
            results.append((h2.detach(), y2, mask2, steps.grad))
        for left, right in zip(*results, strict=True):
            torch.testing.assert_close(left, right)
    assert graphs() == 1


def losses(layer, wrap, epochs, steps):
    """The loss of each step of a small network that is trained with the layer."""
    encoder, head = torch.linspace(-1, 1, 48).reshape(8, 6), torch.linspace(1, -1, 18).reshape(6, 3)
    weights = [encoder.requires_grad_(), head.requires_grad_()]
    optimizer = torch.optim.SGD(weights, lr=0.1, momentum=0.9)
    found, grown = [], wrap(lambda x, y, encoder: layer((x @ encoder).tanh(), y))
    for epoch in range(epochs):
        layer.set_epoch(epoch)
        for step in range(steps):
            x, y = batch(epoch * steps + step)
            h, shares = grown(x, y, encoder)
            loss = torch.nn.functional.cross_entropy(h @ head, shares)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found.append(loss.item())
    return found


def test_losses_over_epochs_with_a_bank_and_a_growing_ratio_are_those_of_eager_mode(graphs):
    options = {"bank_size": 12, "soft_labels": True, "seed": 5, "ratio": lambda epoch: (1 + epoch) / 2}
    eager, compiled = EmbeddingSMOTE(3, **options), EmbeddingSMOTE(3, **options)

    def together(step):
        return torch.compile(step, fullgraph=True, backend="aot_eager")

    wanted, found = losses(eager, lambda step: step, 2, 10), losses(compiled, together, 2, 10)
    torch.testing.assert_close(wanted, found)
    assert wanted[-1] < wanted[0]
    assert graphs() == 2


def test_an_autocast_step_and_a_half_batch_are_one_graph_each(graphs):
    eager = EmbeddingSMOTE(3, bank_size=9)
    compiled = torch.compile(copy.deepcopy(eager), fullgraph=True, backend="aot_eager")
    for step in range(3):
        h, y = batch(step)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for left, right in zip(eager(h.bfloat16(), y), compiled(h.bfloat16(), y), strict=True):
                assert torch.equal(left, right)
    assert graphs() == 1


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # inductor's own imports
def test_inductor_equals_eager(device, graphs):
    layer = EmbeddingSMOTE(3, seed=1, bank_size=9)
    assert follow(layer, "inductor", device, 20, graphs) == 1


def test_epochs_and_eval_cost_one_graph_each(graphs):
    layer = EmbeddingSMOTE(3, start_epoch=2)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    lengths = []
    for epoch in range(6):
        layer.set_epoch(epoch)
        lengths.append(len(compiled(*batch(epoch))[0]))
    assert lengths == [32, 32, 64, 64, 64, 64]
    h, y = batch(0)
    layer.eval()
    assert torch.equal(compiled(h, y)[0], h)
    assert graphs() <= 3


def test_a_shorter_last_batch_needs_no_graph_of_its_own_every_epoch(graphs):
    eager = EmbeddingSMOTE(3, ratio=0.7, seed=2)
    compiled = torch.compile(copy.deepcopy(eager), fullgraph=True, backend="aot_eager")
    for step, rows in enumerate((32, 32, 19, 32, 11, 27)):
        expected, got = (run(each, step, torch.device("cpu"), rows) for each in (eager, compiled))
        for left, right in zip(expected, got, strict=True):
            torch.testing.assert_close(left, right)
    assert graphs() <= 2


def test_the_function_is_one_graph(graphs):
    h, y = batch(0)
    compiled = torch.compile(smote, fullgraph=True, backend="aot_eager")
    with torch.random.fork_rng():
        h2, y2 = compiled(h, y, 16)
    assert h2.shape == (48, 8)
    assert y2.shape == (48,)
    assert torch.equal(h2[:32], h)
