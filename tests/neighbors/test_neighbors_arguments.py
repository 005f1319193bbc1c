"""What callers may pass, and what they are told when they may not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from torchsmote.neighbors import available_backends, knn, neighbors_among

X = torch.randn(12, 3, generator=torch.Generator().manual_seed(0))
Y = torch.arange(12) % 2


@pytest.mark.parametrize(
    ("call", "error", "facts"),
    [
        (lambda: knn(X, k=0), ValueError, ["`k`", "0", "at least 1"]),
        (lambda: knn(X, k=2.0), TypeError, ["`k`", "2.0", "float"]),
        (lambda: knn(X, k=True), TypeError, ["`k`", "bool"]),
        (lambda: knn(X[0]), ValueError, ["`query`", "(3,)"]),
        (lambda: knn(X, X[None]), ValueError, ["`reference`", "(1, 12, 3)"]),
        (lambda: knn(X[:, :0]), ValueError, ["`query`", "(12, 0)"]),
        (lambda: knn(X, X[:, :2]), ValueError, ["columns", "3", "2"]),
        (lambda: knn(X, X.double()), ValueError, ["dtype", "float32", "float64"]),
        (lambda: knn(X, X.to("meta")), ValueError, ["device", "cpu", "meta"]),
        (lambda: knn(X, X[:0]), ValueError, ["`reference`", "0 rows"]),
        (lambda: knn(X[:0]), ValueError, ["`query`", "0 rows"]),
        (lambda: knn(X, relation="other", query_labels=Y), ValueError, ["relation", "'other'", "'same'"]),
        (lambda: knn(X, metric="manhattan"), ValueError, ["metric", "'manhattan'", "'cosine'"]),
        (lambda: knn(X, backend="gpu"), ValueError, ["backend", "'gpu'", "'torch'"]),
        (lambda: knn(X, group=object()), ValueError, ["`group`", "torch.distributed", "torchrun"]),
        (lambda: knn(X, relation="same"), ValueError, ["relation", "`query_labels`"]),
        (lambda: knn(X, X, relation="same", query_labels=Y), ValueError, ["`reference_labels`"]),
        (lambda: knn(X, relation="same", query_labels=Y[:5]), ValueError, ["`query_labels`", "12", "(5,)"]),
        (lambda: knn(X, query_labels=Y[:5]), ValueError, ["`query_labels`", "12", "(5,)"]),
        (lambda: knn(X, reference_labels=Y), ValueError, ["`reference_labels`", "reference"]),
        (lambda: knn(X, X, exclude_self=True), ValueError, ["`exclude_self`", "reference=None"]),
        (lambda: knn(X.int()), TypeError, ["`query`", "int32", "float"]),
        (lambda: knn(X > 0), TypeError, ["`query`", "bool"]),
        (lambda: knn(X.to(torch.complex64)), TypeError, ["`query`", "complex64"]),
        (lambda: knn(X.numpy().astype(int)), TypeError, ["`query`", "int64"]),
        (lambda: knn(X.numpy().astype(object)), TypeError, ["`query`", "object"]),
        (lambda: knn(X.tolist()), TypeError, ["`query`", "list"]),
        (lambda: knn(None), TypeError, ["`query`", "NoneType"]),
        (lambda: knn(X, 3), TypeError, ["`reference`", "int"]),
        (lambda: knn(X.numpy().astype(np.longdouble)), TypeError, ["`query`", "float64", "astype"]),
        (lambda: knn(torch.zeros(4, 2), metric="cosine"), ValueError, ["`query`", "row 0", "euclidean"]),
        (lambda: neighbors_among(X, 0), ValueError, ["`k`", "0"]),
    ],
)
def test_errors_name_argument_value_and_remedy(call, error, facts):
    with pytest.raises(error) as caught:
        call()
    for fact in facts:
        assert fact in str(caught.value)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([1, 2], ["1", "2"]),
        (np.array([b"1", b"2"]), ["1", "2"]),
        (np.array([1, 2], object), ["1", "2"]),
        ([1, "2"], [1, 2]),
        (np.array(["2020-01-01", "2020-01-02"], "M8[D]"), [1, 2]),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_labels_of_two_kinds_are_never_taken_for_equal(ours, theirs, swapped):
    if swapped:
        ours, theirs = theirs, ours
    with pytest.raises(ValueError, match=r"`query_labels`.*`reference_labels`.*one kind"):
        knn(X[:2], X[:2], 1, relation="same", query_labels=ours, reference_labels=theirs)


def test_one_list_of_two_kinds_of_labels():
    with pytest.raises(ValueError, match=r"`query_labels`.*one kind"):
        knn(X[:3], k=1, relation="same", query_labels=[1, "1", 2])


@pytest.mark.parametrize(
    "labels",
    [
        torch.tensor([1, 2, 1, 2]).bfloat16(),
        torch.tensor([True, False, True, False]),
        [1, 2.0, 1.0, 2],
        np.array(["a", "b", "a", "b"], object),
        (b"a", b"b", b"a", b"b"),
        np.array([1, 2, 1, 2], "M8[s]"),
    ],
    ids=repr,
)
def test_labels_of_any_one_kind(labels):
    found = knn(X[:4], k=1, relation="same", query_labels=labels, exclude_self=True)
    assert found.indices.flatten().tolist() == [2, 3, 0, 1]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_the_first_entry_that_is_not_finite_is_named(value, dtype):
    x = torch.zeros(7, 4, dtype=dtype)
    x[3, 2] = x[3, 3] = x[5, 0] = value
    for call in (lambda: knn(x), lambda: knn(X[:, :1].expand(-1, 4).to(dtype), x)):
        with pytest.raises(ValueError, match=r"row 3, column 2"):
            call()


def test_numpy_in_tensors_out():
    for array in (X.numpy(), X.numpy()[::-1], np.asfortranarray(X.numpy()), X.numpy().astype(">f4")):
        found = knn(array, k=np.int64(3))
        expected = knn(torch.from_numpy(np.ascontiguousarray(array).astype("<f4")), k=3)
        assert torch.equal(found.indices, expected.indices)
        assert torch.equal(found.distances, expected.distances)


def test_inputs_stay_as_they_are_and_may_be_strided(device):
    wide = torch.randn(50, 12, generator=torch.Generator().manual_seed(1), device="cpu").to(device)
    x = wide[:, ::2].t().contiguous().t()
    before = x.clone()
    assert torch.equal(knn(x, k=4).indices, knn(x.contiguous(), k=4).indices)
    assert torch.equal(x, before)


def test_gradients_are_not_followed():
    x = X.clone().requires_grad_()
    assert not knn(x, k=2).distances.requires_grad
    assert not neighbors_among(x, 2).distances.requires_grad


def test_global_states_stay_as_they_are():
    random_state, threads = torch.get_rng_state(), torch.get_num_threads()
    for backend in available_backends():
        knn(X, k=3, backend=backend)
    assert torch.equal(random_state, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_autocast_around_does_not_lower_the_precision():
    x = torch.randn(300, 20, generator=torch.Generator().manual_seed(4))
    expected = knn(x, k=5)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(knn(x, k=5).indices, expected.indices)


def test_no_query_rows():
    found = knn(X[:0], X, 4)
    assert found.distances.shape == found.indices.shape == (0, 4)


def test_backends_are_listed():
    assert set(available_backends()) >= {"torch", "faiss"}
    assert available_backends()["torch"] is None
