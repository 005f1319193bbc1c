"""EmbeddingSMOTE as a layer: modes, state, labels, gradients, options, bad input."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch

from torchsmote import ADASYN, SMOTE, BorderlineSMOTE, DeepSMOTE, RandomOverSampler
from torchsmote.nn import EmbeddingSMOTE
from torchsmote.random import Purpose, uniforms

RESAMPLERS = [
    None,
    RandomOverSampler(),
    SMOTE(k_neighbors=3),
    BorderlineSMOTE(k_neighbors=3, m_neighbors=6),
    BorderlineSMOTE(kind="borderline-2"),
    ADASYN(n_neighbors=4),
]


def batch(seed=0, rows=40, shape=(4,), dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    y = (torch.rand(rows, generator=generator) * 4).long() % 3
    h = torch.randn(rows, *shape, generator=generator, dtype=torch.float64)
    return h.to(dtype), y


def layer(resampler=None, **options):
    return EmbeddingSMOTE(3, resampler, **options)


def equal(left, right):
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("resampler", RESAMPLERS, ids=repr)
def test_one_contract_for_every_over_sampler(device, resampler):
    smote = layer(resampler, bank_size=9, soft_labels=True, ratio=0.75).to(device)
    for step in range(3):
        h, y = (values.to(device) for values in batch(step))
        kept = h.clone()
        h2, y2 = smote(h, y)
        assert h2.shape == (70, 4)
        assert y2.shape == (70, 3)
        assert torch.equal(h2[:40], h)
        assert torch.equal(h, kept)
        assert torch.equal(y2[:40], torch.nn.functional.one_hot(y, 3).float())
        torch.testing.assert_close(y2.sum(1), torch.ones(70, device=device))
        assert torch.isfinite(h2).all()
    assert int(smote.drawn_counts.sum()) == 90
    assert "EmbeddingSMOTE(num_classes=3" in repr(smote).replace("\n", "").replace("(  ", "(")


@pytest.mark.parametrize("shape", [(4,), (2, 3, 3), (5, 2)])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_shape_and_dtype_are_kept(device, shape, dtype):
    h, y = (values.to(device) for values in batch(shape=shape, dtype=dtype))
    for bank_size in (0, 12):
        smote = layer(bank_size=bank_size).to(device)
        for _ in range(2):
            h2, y2 = smote(h, y)
            assert (h2.shape, h2.dtype, y2.dtype) == ((80, *shape), dtype, torch.int64)


def test_eval_and_the_epochs_before_the_start_are_the_identity():
    h, y = batch()
    smote = layer(start_epoch=2)
    for epoch in (0, 1):
        smote.set_epoch(epoch)
        h2, y2 = smote(h, y)
        assert h2 is h
        assert y2 is y
    smote.set_epoch(2)
    assert len(smote(h, y)[0]) == 80
    smote.eval()
    h2, y2 = smote(h)
    assert h2 is h
    assert y2 is None
    assert int(smote.counter) == 1


@pytest.mark.parametrize(("ratio", "n"), [(0.0, 0), (0.01, 0), (0.1, 4), (0.49, 20), (2, 80)])
def test_ratio_says_how_many(ratio, n):
    h, y = batch()
    h2, _ = layer(ratio=ratio)(h, y)
    assert len(h2) == 40 + n
    assert (h2 is h) == (n == 0)


@pytest.mark.parametrize(("ratio", "rows"), [(0.0, 6), (0.3, 1)])
@pytest.mark.parametrize("soft", [False, True])
def test_a_batch_without_new_rows_keeps_the_form_of_labels_and_enters_the_bank(device, ratio, rows, soft):
    smote = layer(ratio=ratio, bank_size=9, soft_labels=soft).to(device)
    h, y = (values[:rows].to(device) for values in batch())
    h2, y2 = smote(h, y)
    assert h2 is h
    assert torch.equal(y2, torch.nn.functional.one_hot(y, 3).float() if soft else y)
    assert y2.dtype == (torch.float32 if soft else torch.int64)
    assert torch.equal(smote.bank.pushed, y.bincount(minlength=3))
    assert int(smote.counter) == 1
    assert not smote.drawn_counts.any()


def test_a_row_of_a_batch_without_new_rows_serves_later_ones():
    smote = layer(ratio=0.4, bank_size=9, class_counts=[9, 9, 1])
    smote(torch.tensor([[7.0]]), torch.tensor([2]))
    h2, y2 = smote(torch.zeros(5, 1), torch.zeros(5, dtype=torch.int64))
    assert (h2[5:].flatten().tolist(), y2[5:].tolist()) == ([7.0, 7.0], [2, 2])


def test_numbers_are_a_function_of_seed_and_step_and_leave_the_global_state_alone():
    h, y = batch()
    before = torch.get_rng_state()
    one, two, other = layer(seed=5), layer(seed=5), layer(seed=6)
    first = one(h, y)
    assert equal(first, two(h, y))
    assert not torch.equal(first[0], other(h, y)[0])
    second = one(h, y)
    assert not torch.equal(first[0], second[0])
    assert equal(second, two(h, y))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("step", [0, 3, 2**32 + 3])
def test_steps_are_those_of_the_counter_based_generator(step):
    h, y = torch.tensor([[0.0], [1.0]]), torch.tensor([2, 2])
    smote = layer(seed=2**40 + 1)
    smote.counter = torch.tensor(step)
    h2, _ = smote(h, y)
    rows = torch.arange(2) + ((step >> 32) << 32)
    base, _, u = uniforms(rows, 2**40 + 1, step & (2**32 - 1), purpose=Purpose.EMBEDDING)
    expected = torch.where(base < 0.5, u, 1 - u)
    torch.testing.assert_close(h2[2:, 0], expected.float())


@pytest.mark.parametrize("copied", ["state_dict", "deepcopy", "pickle"])
def test_a_copy_taken_mid_stream_continues_it(copied):
    smote = layer(bank_size=9, start_epoch=1, seed=7)
    smote.set_epoch(1)
    for step in range(4):
        smote(*batch(step))
    if copied == "state_dict":
        other = layer(bank_size=9, start_epoch=1, seed=7)
        other.load_state_dict(smote.state_dict())
    else:
        other = copy.deepcopy(smote) if copied == "deepcopy" else pickle.loads(pickle.dumps(smote))
    for step in range(4, 9):
        assert equal(smote(*batch(step)), other(*batch(step)))
    assert torch.equal(smote.drawn_counts, other.drawn_counts)
    assert equal(smote.state_dict().values(), other.state_dict().values())


def test_class_counts_rule_what_lacks():
    h, y = batch(rows=400)
    smote = layer(class_counts=[1000, 1000, 10])
    _, y2 = smote(h, y)
    assert set(y2[400:].tolist()) == {2}
    assert smote.drawn_counts.tolist() == [0, 0, 400]
    smote.half()
    assert smote.class_counts.tolist() == [1000, 1000, 10]


def test_equal_class_counts_draw_uniformly_from_what_is_there():
    h, y = torch.arange(20.0).reshape(10, 2), torch.tensor([0] * 9 + [1])
    smote = layer(class_counts=(5, 5, 5), ratio=200.0)
    smote(h, y)
    assert 1650 < int(smote.drawn_counts[0]) < 1950
    assert int(smote.drawn_counts[2]) == 0


def test_a_rare_class_absent_from_the_batch_comes_from_the_bank():
    smote = layer(bank_size=6, class_counts=[100, 100, 2])
    rare = torch.tensor([[50.0], [60.0]])
    smote(rare, torch.tensor([2, 2]))
    h2, y2 = smote(torch.zeros(8, 1), torch.tensor([0] * 4 + [1] * 4))
    assert y2[8:].tolist() == [2] * 8
    assert ((h2[8:] >= 50) & (h2[8:] <= 60)).all()


@pytest.mark.parametrize("resampler", RESAMPLERS, ids=repr)
@pytest.mark.parametrize("bank_size", [0, 6])
def test_training_never_stops_on_a_legal_batch(resampler, bank_size):
    smote = layer(resampler, bank_size=bank_size, class_counts=[9, 4, 1])
    for rows, label in ((1, 0), (1, 1), (2, 0), (5, 2), (0, 0)):
        h = torch.randn(rows, 3, generator=torch.Generator().manual_seed(rows)).requires_grad_()
        h2, y2 = smote(h, torch.full((rows,), label))
        assert len(h2) == len(y2) == 2 * rows
        assert torch.isfinite(h2).all()
        h2.sum().backward()


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("resampler", [None, BorderlineSMOTE(kind="borderline-2", k_neighbors=3)], ids=repr)
def test_gradcheck_with_fixed_draws(resampler, soft):
    h, y = batch(rows=12, dtype=torch.float64)
    h.requires_grad_()
    weight = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(4, 3)

    def loss(h):
        smote = layer(resampler, soft_labels=soft, class_counts=[9, 4, 4])
        h2, y2 = smote(h, y)
        return torch.nn.functional.cross_entropy(h2 @ weight, y2)

    assert torch.autograd.gradcheck(loss, (h,))


def test_gradients_reach_base_and_neighbor_by_their_shares_unless_detached():
    y = torch.tensor([0, 0, 0, 1, 1])
    for detach in (False, True):
        h = torch.tensor([[0.0], [1.0], [2.0], [10.0], [12.0]], requires_grad=True)
        h2, _ = layer(detach=detach)(h, y)
        h2.sum().backward()
        step = (h2[5:, 0].detach() - 10) / 2
        rare = torch.zeros(2) if detach else torch.stack(((1 - step).sum(), step.sum()))
        assert h.grad.flatten()[:3].tolist() == [1, 1, 1]
        torch.testing.assert_close(h.grad[3:, 0], 1 + rare)


def test_soft_labels_mix_by_the_same_step_as_the_rows():
    smote = layer(
        BorderlineSMOTE(kind="borderline-2", k_neighbors=4, m_neighbors=4), soft_labels=True, ratio=20
    )
    y = torch.tensor([0, 0, 0, 1, 1])
    place = torch.tensor([[0.0], [0.4], [0.8], [1.0], [1.4]])
    h2, y2 = smote(torch.cat((place, torch.nn.functional.one_hot(y, 3)), 1), y)
    torch.testing.assert_close(y2, h2[:, 1:])
    assert ((y2[5:, 1] > 0) & (y2[5:, 1] < 1)).any()


def test_autocast_searches_in_float32(device):
    h, y = (values.to(device) for values in batch())
    plain, cast = layer().to(device), layer().to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        inside = cast(h + 300, y)
    assert equal(plain(h + 300, y), inside)


def test_no_wait_for_the_device(device):
    if device.type != "cuda":
        pytest.skip("the CPU has no queue to wait for; tracing in test_nn_compile.py shows it there")
    h, y = (values.to(device) for values in batch())
    smote = layer(BorderlineSMOTE(), bank_size=9, soft_labels=True).to(device)
    smote(h, y)
    torch.cuda.set_sync_debug_mode("error")
    try:
        smote(h, y)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_debug_refuses_nan_and_names_its_row():
    h, y = batch()
    h[7, 2] = torch.nan
    layer()(h, y)
    with pytest.raises(ValueError, match=r"`h`.*row 7"):
        layer(debug=True)(h, y)


def test_a_spoiled_batch_does_not_spoil_the_bank():
    smote = layer(bank_size=12, class_counts=[9, 9, 1])
    h, y = batch()
    smote(torch.where(torch.arange(40).unsqueeze(1) % 3 == 0, torch.inf, h), y)
    assert torch.isfinite(smote(*batch(1))[0]).all()


def test_class_counts_are_numbers_whatever_the_default_device():
    with torch.device("meta"):
        smote = layer(class_counts=[3, 2, 1], bank_size=6)
    smote.load_state_dict(layer(bank_size=6).state_dict(), assign=True)
    assert set(smote(*batch())[1][40:].tolist()) == {1, 2}


H, Y = batch()


@pytest.mark.parametrize(
    ("h", "y", "error", "facts"),
    [
        (H, None, TypeError, "`y`.*eval"),
        (H, Y.numpy(), TypeError, "`y`.*ndarray.*torch.as_tensor"),
        (H, Y.float(), TypeError, r"`y`.*float32; convert classes with .long\(\)"),
        (H, torch.eye(3)[Y], TypeError, r"`y`.*float32; of one-hot rows take .argmax\(1\)"),
        (H, torch.eye(3)[Y].long(), ValueError, r"`y`.*\(40, 3\); of one-hot rows take .argmax\(1\)"),
        (H, Y.to("meta"), ValueError, r"`y`.*on cpu.*meta; move it with .to\('cpu'\)"),
        (H, Y[:5], ValueError, r"`y`.*\(40,\).*\(5,\)"),
        (H, Y.unsqueeze(1), ValueError, r"`y`.*\(40, 1\).*.squeeze\(1\)"),
        (H, Y + 1, ValueError, r"`y`.*\[0, 3\).*3"),
        (H, Y - 1, ValueError, r"`y`.*\[0, 3\).*-1"),
        (H.long(), Y, TypeError, "`h`.*int64"),
        (H[:, 0], Y, ValueError, r"`h`.*\(40,\)"),
        (H[:, :0], Y, ValueError, r"`h`.*\(40, 0\)"),
        (H.tolist(), Y, TypeError, "`h`.*list"),
    ],
)
def test_bad_batches(h, y, error, facts):
    smote = layer(start_epoch=1)  # checked even where nothing would be made
    with pytest.raises(error, match=facts):
        smote(h, y)
    assert int(smote.counter) == 0


@pytest.mark.parametrize(
    ("options", "error", "facts"),
    [
        ({"num_classes": 0}, ValueError, "num_classes.*1.*0"),
        ({"num_classes": 3.0}, TypeError, "num_classes.*float"),
        ({"ratio": -0.5}, ValueError, "ratio.*-0.5"),
        ({"ratio": float("nan")}, ValueError, "ratio.*nan"),
        ({"ratio": "1"}, TypeError, "ratio.*str"),
        ({"bank_size": -1}, ValueError, "bank_size.*-1"),
        ({"bank_size": 2}, ValueError, "bank_size.*2.*3"),
        ({"gather_bank": True}, ValueError, "`gather_bank`.*`bank_size`"),
        ({"start_epoch": -1}, ValueError, "start_epoch.*-1"),
        ({"seed": -1}, ValueError, "seed.*-1"),
        ({"seed": 1.5}, TypeError, "seed.*float"),
        ({"class_counts": [1, 2]}, ValueError, r"class_counts.*3.*\(2,\)"),
        ({"class_counts": [1, 2, -3]}, ValueError, "class_counts.*-3.*class 2"),
        ({"class_counts": [1, 2, 0.5]}, ValueError, "class_counts.*0.5"),
        ({"class_counts": torch.ones(3).bool()}, TypeError, "class_counts.*bool"),
        ({"class_counts": pd.Series([2, 1, 1, 0, 1]).value_counts()}, ValueError, r"order.*\[1, .*reindex"),
        ({"class_counts": "ab"}, TypeError, "class_counts.*3.*'ab'"),
        ({"class_counts": {0: 5, 1: 2, 2: 2}}, TypeError, "class_counts.*3.*5"),
        ({"class_counts": [1, [2], 3]}, TypeError, "class_counts.*3.*2"),
        ({"resampler": SMOTE(k_neighbors=2.5)}, TypeError, "k_neighbors.*SMOTE.*2.5"),
        ({"resampler": SMOTE(k_neighbors="5")}, TypeError, "k_neighbors.*SMOTE.*'5'"),
        ({"resampler": SMOTE(k_neighbors=True)}, TypeError, "k_neighbors.*True"),
        ({"resampler": BorderlineSMOTE(m_neighbors=True)}, TypeError, "m_neighbors.*True"),
        ({"resampler": ADASYN(n_neighbors=0)}, ValueError, "n_neighbors.*ADASYN.*0"),
        ({"resampler": BorderlineSMOTE(kind="x")}, ValueError, "kind.*BorderlineSMOTE.*'x'"),
        ({"resampler": RandomOverSampler(shrinkage=-1)}, ValueError, "shrinkage.*-1"),
        ({"resampler": SMOTE(sampling_strategy={2: 50})}, ValueError, "sampling_strategy=.2: 50.*`ratio`"),
        ({"resampler": DeepSMOTE()}, TypeError, "DeepSMOTE.*over-sampler"),
        ({"resampler": object()}, TypeError, "object.*over-sampler"),
        ({"resampler": SMOTE}, TypeError, "class SMOTE.*resampler=SMOTE"),
        ({"resampler": SMOTE(constraint=lambda rows: rows[:, 0] > 0)}, ValueError, "SMOTE.*constraint"),
        ({"resampler": RandomOverSampler(shrinkage=0.1)}, ValueError, "RandomOverSampler.*shrinkage"),
    ],
)
def test_bad_options(options, error, facts):
    with pytest.raises(error, match=facts):
        EmbeddingSMOTE(**{"num_classes": 3, **options})


def test_an_estimator_cannot_search_in_a_batch():
    class Estimator:
        n_neighbors = 3

        def kneighbors(self):
            """Nothing to find."""

        kneighbors_graph = kneighbors

    with pytest.raises(TypeError, match="k_neighbors"):
        layer(SMOTE(k_neighbors=Estimator()))


def test_counts_of_pandas_in_the_order_of_the_classes_are_taken():
    counts = pd.Series([2, 1, 1, 0, 1]).value_counts().sort_index()
    assert layer(class_counts=counts).class_counts.tolist() == [1, 3, 1]


def test_counts_of_numpy_are_ints():
    assert layer(SMOTE(k_neighbors=np.int64(3))).method.k == 3


@pytest.mark.parametrize("value", [2.5, "5", True])
def test_batch_neighbors_refuse_what_is_no_int(value):
    with pytest.raises(TypeError, match="k_neighbors"):
        SMOTE(k_neighbors=value).batch_neighbors()


@pytest.mark.parametrize("epoch", [-1, 1.0])
def test_bad_epoch(epoch):
    with pytest.raises((TypeError, ValueError), match="epoch"):
        layer().set_epoch(epoch)
