"""Options of EmbeddingSMOTE over epochs and steps: ratio, detach, debug, checkpointing, accumulation."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch.utils.checkpoint import checkpoint, set_checkpoint_early_stop

from torchsmote import EOS, GaussianSMOTE, GeometricSMOTE
from torchsmote.nn import EmbeddingSMOTE


def batch(seed=0, rows=24, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    y = (torch.arange(rows) % 4 == 0).long()
    return torch.randn(rows, 3, generator=generator, dtype=dtype), y


def layer(method=None, **options):
    return EmbeddingSMOTE(2, method, **options)


def ramp(epoch):
    return min(1.0, 0.25 * epoch)


def test_a_ratio_may_follow_the_epoch():
    smote = layer(ratio=ramp)
    lengths = [len(smote(*batch())[0])]
    for epoch in range(1, 6):
        smote.set_epoch(epoch)
        lengths.append(len(smote(*batch())[0]))
    assert lengths == [24, 30, 36, 42, 48, 48]
    assert "ratio=ramp" in repr(smote)


def test_an_epoch_may_come_from_numpy():
    smote = layer(ratio=ramp)
    for epoch in np.arange(4):
        smote.set_epoch(epoch)
    assert len(smote(*batch())[0]) == 42


def test_a_resumed_run_goes_on_with_the_ratio_of_its_epoch():
    smote = layer(ratio=ramp, bank_size=8, start_epoch=1)
    smote.set_epoch(3)
    smote(*batch())
    other = layer(ratio=ramp, bank_size=8, start_epoch=1)
    other.load_state_dict(smote.state_dict())
    copies = [other, copy.deepcopy(smote), pickle.loads(pickle.dumps(smote))]
    wanted = smote(*batch(1))
    assert len(wanted[0]) == 42
    for each in copies:
        for left, right in zip(wanted, each(*batch(1)), strict=True):
            assert torch.equal(left, right)


@pytest.mark.parametrize(
    ("ratio", "error", "facts"),
    [
        (lambda epoch: "1", TypeError, r"`ratio\(0\)`.*str"),
        (lambda epoch: -1, ValueError, r"`ratio\(0\)`.*-1"),
        (lambda epoch: float("inf"), ValueError, r"`ratio\(0\)`.*inf"),
        ([1.0], TypeError, "`ratio`.*list"),
    ],
)
def test_a_bad_ratio_is_refused_at_construction(ratio, error, facts):
    with pytest.raises(error, match=facts):
        layer(ratio=ratio)


def test_a_ratio_that_goes_bad_is_refused_when_its_epoch_begins_and_changes_nothing():
    smote = layer(ratio=lambda epoch: 1 - epoch)
    with pytest.raises(ValueError, match=r"`ratio\(2\)`.*-1"):
        smote.set_epoch(2)
    assert int(smote.epoch) == 0
    assert len(smote(*batch())[0]) == 48


@pytest.mark.parametrize("method", [None, EOS(), GaussianSMOTE(k_neighbors=3)], ids=repr)
def test_detach_closes_one_way_or_both(method):
    y = batch()[1]
    grads = {}
    for detach in (False, True, "base", "neighbor"):
        h = batch(dtype=torch.float64)[0].requires_grad_()
        h2, _ = layer(method, detach=detach)(h, y)
        (h2[24:] * torch.linspace(-1, 1, 72, dtype=torch.float64).reshape(24, 3)).sum().backward()
        grads[detach] = torch.zeros_like(h) if h.grad is None else h.grad
    torch.testing.assert_close(grads["base"] + grads["neighbor"], grads[False])
    assert not grads[True].any()
    assert grads["base"].any()
    assert grads["neighbor"].any()


def test_detached_rows_are_the_same_rows():
    wanted = layer()(*batch())[0]
    for detach in (True, "base", "neighbor"):
        assert torch.equal(layer(detach=detach)(*batch())[0], wanted)


@pytest.mark.parametrize(("detach", "error"), [("both", ValueError), (1, TypeError), (None, TypeError)])
def test_bad_detach(detach, error):
    with pytest.raises(error, match=r'`detach`.*"base" or "neighbor"'):
        layer(detach=detach)


@pytest.mark.parametrize("compiled", [False, True])
def test_debug_without_a_wait_tells_when_asked(device, compiled):
    if device.type == "cpu" and not compiled:
        pytest.skip("outside a compiled step the CPU tells at once; see test_nn_embedding.py")
    torch._dynamo.reset()
    smote = layer(debug=True, bank_size=8).to(device)
    step = torch.compile(smote, fullgraph=True, backend="aot_eager") if compiled else smote
    h, y = (values.to(device) for values in batch())
    step(h, y)
    smote.check()
    wrong = h.clone()
    wrong[[3, 5], 1] = torch.nan
    step(wrong, y)
    step(h, y)
    with pytest.raises(ValueError, match=r"`h`.*2 rows"):
        smote.set_epoch(1)
    smote.set_epoch(1)  # told once
    step(h, y)
    smote.check()
    y = y.clone()
    y[7] = 2
    h2, _ = step(h, y)
    assert torch.isfinite(h2).all()
    with pytest.raises(ValueError, match=r"`y`.*\[0, 2\).*1 label"):
        smote.check()
    torch._dynamo.reset()


def test_what_debug_counts_is_no_part_of_a_checkpoint():
    assert "faults" not in layer(debug=True).state_dict()


def test_counts_are_read_only_when_asked(device):
    smote = layer().to(device)
    smote(*(values.to(device) for values in batch()))
    assert smote.drawn_counts.device.type == device.type
    assert smote.drawn_counts.tolist() == [0, 24]


METHODS = [None, GeometricSMOTE(k_neighbors=2), GaussianSMOTE(k_neighbors=3)]


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("early_stop", [False, True])
def test_gradients_under_checkpointing_are_those_without(method, early_stop):
    results = []
    for checkpointed in (False, True):
        smote = layer(method, bank_size=8, ratio=ramp, soft_labels=True)
        smote.set_epoch(2)
        weight = torch.linspace(-1, 1, 9).reshape(3, 3).requires_grad_()

        def segment(h, y, smote=smote, weight=weight):
            h2, y2 = smote((h @ weight).tanh(), y)
            return h2.square(), y2

        grads = []
        for step in range(3):
            h, y = batch(step)
            h.requires_grad_()
            if checkpointed:
                with set_checkpoint_early_stop(early_stop):
                    h2, y2 = checkpoint(
                        segment, h, y, use_reentrant=False, context_fn=smote.checkpoint_contexts
                    )
            else:
                h2, y2 = segment(h, y)
            if step == 1:  # what follows the forward pass may come before its recomputation
                smote.set_epoch(4)
            (h2 * torch.linspace(-1, 1, h2.numel()).reshape(h2.shape)).sum().backward()
            grads += [h2.detach(), y2, h.grad]
        results.append([*grads, weight.grad, *smote.state_dict().values()])
    for left, right in zip(*results, strict=True):
        assert torch.equal(left, right)


def test_two_checkpointed_segments_keep_their_own_draws():
    grads = []
    for checkpointed in (False, True):
        smote = layer(bank_size=8)
        h, y = batch()
        h.requires_grad_()
        rows, labels = h, y
        for _ in range(2):
            if checkpointed:
                rows, labels = checkpoint(
                    smote, rows, labels, use_reentrant=False, context_fn=smote.checkpoint_contexts
                )
            else:
                rows, labels = smote(rows, labels)
            rows = rows.sin()
        rows.square().sum().backward()
        assert int(smote.counter) == 2
        grads.append(h.grad)
    assert torch.equal(*grads)


@pytest.mark.parametrize("early_stop", [False, True])
def test_a_checkpointed_segment_may_be_gone_through_backwards_twice(early_stop):
    smote = layer(bank_size=8)
    h, y = batch()
    h.requires_grad_()

    def segment(h, y):
        return smote(h.sin(), y)[0].sin()

    with set_checkpoint_early_stop(early_stop):
        rows = checkpoint(segment, h, y, use_reentrant=False, context_fn=smote.checkpoint_contexts)
    first, second = (torch.autograd.grad(rows.square().sum(), h, retain_graph=True)[0] for _ in range(2))
    assert torch.equal(first, second)
    assert int(smote.counter) == 1


def test_what_a_cuda_graph_reads_stays_where_it_is():
    smote = layer(debug=True, bank_size=8, ratio=ramp)
    smote.set_epoch(1)
    smote(*batch())
    places = {name: buffer.data_ptr() for name, buffer in smote.named_buffers()}
    saved = copy.deepcopy(smote.state_dict())
    with smote.in_place():
        smote(*batch(1))
    smote.check()
    smote.load_state_dict(saved)
    assert {name: buffer.data_ptr() for name, buffer in smote.named_buffers()} == places
    for name, value in smote.state_dict().items():
        assert torch.equal(value, saved[name])


def test_a_bank_without_a_width_is_refused_in_a_captured_step(monkeypatch):
    smote = layer(bank_size=8)
    for name in ("is_available", "is_current_stream_capturing"):
        monkeypatch.setattr(torch.cuda, name, lambda: True)
    with pytest.raises(ValueError, match=r"`features`.*a step before"), smote.in_place():
        smote(*batch())


def test_gradients_accumulate_over_steps():
    # Two forward passes before one backward pass: what a step remembers replaces what another read.
    smote, other = layer(bank_size=8), layer(bank_size=8)
    together, apart = (torch.eye(3).requires_grad_() for _ in range(2))
    loss = sum(smote(batch(step)[0] @ together, batch(step)[1])[0].square().sum() for step in range(3))
    loss.backward()
    for step in range(3):
        other(batch(step)[0] @ apart, batch(step)[1])[0].square().sum().backward()
    torch.testing.assert_close(together.grad, apart.grad)


def test_autocast_of_a_half_network(device):
    smote = layer(GeometricSMOTE(), bank_size=8).to(device)
    encoder = torch.eye(3, device=device)
    h, y = (values.to(device) for values in batch())
    for dtype in (torch.bfloat16, torch.float16):
        with torch.autocast(device.type, dtype=dtype):
            h2, _ = smote(h @ encoder, y)
        assert h2.dtype == dtype
    assert smote.bank.features.dtype == torch.float32
    assert smote.half().bank.features.dtype == torch.float16
    assert smote(h.half(), y)[0].dtype == torch.float16
    assert smote.bank.features.dtype == torch.float16


def test_export_in_eval_mode_is_the_identity():
    model = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Identity())

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.smote, self.model = layer(bank_size=4), model

        def forward(self, x):
            return self.smote(self.model(x) * 2)[0]

    exported = torch.export.export(Model().eval(), (batch()[0],))
    assert torch.equal(exported.module()(batch(1)[0]), batch(1)[0] * 2)
