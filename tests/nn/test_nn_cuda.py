"""Steps on CUDA: no wait for the device, and the same steps from a captured graph."""

import copy

import pytest
import torch

from torchsmote.nn import EmbeddingSMOTE

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def batch(step, rows=48):
    generator = torch.Generator().manual_seed(step)
    y = (torch.rand(rows, generator=generator) * 5).long() % 3
    return torch.randn(rows, 8, generator=generator).cuda(), y.cuda()


def run(smote, h, y):
    """Rows, labels and the gradient of one step."""
    h2, y2 = smote(h, y)
    weight = torch.linspace(-1, 1, h2.numel(), device="cuda").reshape(h2.shape)
    (gradient,) = torch.autograd.grad((h2.square() * weight).sum(), h)
    return h2, y2, gradient


def layer(method, bank_size=24):
    return EmbeddingSMOTE(3, method, bank_size=bank_size, soft_labels=True, debug=True).cuda()


def test_a_step_and_its_gradient_wait_for_nothing(method):
    smote = layer(method)
    h, y = batch(0)
    h.requires_grad_()
    run(smote, h, y)
    torch.cuda.set_sync_debug_mode("error")
    try:
        run(smote, h, y)
        with torch.autocast("cuda", dtype=torch.bfloat16):
            run(smote, h, y)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_masked_step_waits_for_nothing():
    smote = layer(None, bank_size=0)
    h, y = batch(0)
    h, mask = h.reshape(48, 4, 2).requires_grad_(), h[:, :4] > -1
    smote(h, y, mask)
    torch.cuda.set_sync_debug_mode("error")
    try:
        smote(h, y, mask)[0].square().sum().backward()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_captured_graph_takes_the_steps_of_eager_mode(method):
    eager = layer(method)
    h, y = batch(0)
    h.requires_grad_()
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            run(eager, h, y)
    torch.cuda.current_stream().wait_stream(stream)
    captured = copy.deepcopy(eager)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph), captured.in_place():
        found = run(captured, h, y)
    for step in range(1, 5):
        new, labels = batch(step)
        with torch.no_grad():
            h.copy_(new)
            y.copy_(labels)
        graph.replay()
        wanted = run(eager, h, y)
        for left, right in zip(found, wanted, strict=True):
            torch.testing.assert_close(left, right)
    for left, right in zip(eager.state_dict().values(), captured.state_dict().values(), strict=True):
        torch.testing.assert_close(left, right)
