"""Whatever the batches are, as long as they are legal: shapes, labels, counts and finite rows."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torchsmote.nn import EmbeddingSMOTE

CLASSES = 3
BATCHES = st.lists(st.lists(st.integers(0, CLASSES - 1), max_size=9), min_size=1, max_size=4)


@given(
    batches=BATCHES,
    bank_size=st.sampled_from([0, CLASSES, 11]),
    ratio=st.sampled_from([0.3, 1.0, 2.5]),
    class_counts=st.sampled_from([None, [9, 4, 1], [5, 5, 5]]),
    twins=st.booleans(),
)
@settings(max_examples=25)
def test_no_legal_batch_stops_the_training(method, batches, bank_size, ratio, class_counts, twins):
    smote = EmbeddingSMOTE(
        CLASSES, method, bank_size=bank_size, ratio=ratio, class_counts=class_counts, soft_labels=True
    )
    made, seen = 0, set()
    for step, labels in enumerate(batches):
        y = torch.tensor(labels, dtype=torch.int64)
        h = torch.randn(len(y), 2, generator=torch.Generator().manual_seed(step))
        h = (h.round() if twins else h).requires_grad_()
        h2, y2 = smote(h, y)
        n = round(ratio * len(y))
        assert h2.shape == (len(y) + n, 2)
        assert y2.shape == (len(y) + n, CLASSES)
        assert torch.isfinite(h2).all()
        h2.square().sum().backward()
        assert torch.isfinite(h.grad).all()
        torch.testing.assert_close(y2.sum(1), torch.ones(len(y2)))
        seen = (seen if bank_size else set()) | set(labels)  # a class that was never there gets nothing
        assert not y2[:, [c for c in range(CLASSES) if c not in seen]].any()
        made += n
    assert int(smote.drawn_counts.sum()) == made
    assert int(smote.counter) == len(batches)


def test_gradcheck_through_every_row_and_soft_label(method):
    generator = torch.Generator().manual_seed(0)
    y = torch.tensor([0, 0, 0, 1, 1, 2])
    h = torch.randn(6, 2, generator=generator, dtype=torch.float64) + 0.3 * y.unsqueeze(1)
    weight = torch.randn(2, CLASSES, generator=generator, dtype=torch.float64)

    def loss(h):
        h2, y2 = EmbeddingSMOTE(CLASSES, method, soft_labels=True)(h, y)
        return torch.nn.functional.cross_entropy(h2 @ weight, y2)

    assert torch.autograd.gradcheck(loss, (h.requires_grad_(),))


def test_steps_in_place_are_the_same_steps():
    y = torch.tensor([0, 0, 0, 1, 1, 2])
    plain, kept = (EmbeddingSMOTE(CLASSES, bank_size=6) for _ in range(2))
    places = None
    for step in range(4):
        grads = []
        for smote in (plain, kept):
            h = torch.randn(6, 2, generator=torch.Generator().manual_seed(step)).requires_grad_()
            if smote is kept:
                with smote.in_place():
                    h2, _ = smote(h, y)
            else:
                h2, _ = smote(h, y)
            h2.square().sum().backward()
            grads += [h2.detach(), h.grad]
        assert torch.equal(grads[0], grads[2])
        assert torch.equal(grads[1], grads[3])
        now = [buffer.data_ptr() for buffer in kept.buffers()]
        assert step < 2 or now == places
        places = now
    for left, right in zip(plain.state_dict().values(), kept.state_dict().values(), strict=True):
        assert torch.equal(left, right)
