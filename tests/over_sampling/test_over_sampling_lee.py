"""LeeSMOTE: SMOTE's rows, but for those among enemies, which are drawn again."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from torchsmote import SMOTE, DataWarning, EmbeddingSMOTE, FewSamplesWarning, LeeSMOTE, SMOTEDataset


def enemies(row, label, X, y, k):
    """Enemies among the k nearest real rows, one row at a time, in float64."""
    distance = ((X.astype(np.float64) - np.asarray(row, np.float64)) ** 2).sum(1)
    return int((y[np.argsort(distance, kind="stable")[:k]] != label).sum())


def around(rows, labels, X, y, k):
    """Those counts for the synthetic rows behind the real ones."""
    made = zip(rows[len(X) :], labels[len(X) :], strict=True)
    return np.array([enemies(row, label, X, y, k) for row, label in made])


def table(seed=0, counts=(60, 30, 14), shift=1.2, d=2):
    rng = np.random.RandomState(seed)
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return rng.randn(len(y), d) + shift * y[:, None], y


@pytest.mark.parametrize("k", [1, 4, 5])
@pytest.mark.parametrize("state", [0, "generator"])
def test_no_row_lies_among_enemies(k, state, device):
    X, y = table()
    state = torch.Generator().manual_seed(0) if state == "generator" else state
    sampler = LeeSMOTE(k_neighbors=k, random_state=state, max_redraws=500)
    rows, labels = sampler.fit_resample(torch.tensor(X, device=device), torch.tensor(y))
    rows = rows.cpu().numpy()
    assert labels.bincount().tolist() == [60, 60, 60]
    assert (2 * around(rows, labels.numpy(), X, y, k) < k).all()


@pytest.mark.parametrize("k", [4, 5])
def test_smote_s_rows_stay_unless_at_least_half_are_enemies(k):
    X, y = table()
    plain, labels = SMOTE(k_neighbors=k, random_state=0).fit_resample(X, y)
    rows, _ = LeeSMOTE(k_neighbors=k, random_state=0, max_redraws=500).fit_resample(X, y)
    near = around(plain, labels, X, y, k)
    kept = (rows[104:] == plain[104:]).all(1)
    np.testing.assert_array_equal(kept, 2 * near < k)
    assert 0 < kept.sum() < len(kept)
    assert k != 4 or (2 * near == k).any()  # a tie is a rejection


def test_the_gap_between_two_clusters_stays_empty():
    # What the paper is about: neighbours on both sides of the other class, and SMOTE's rows across it.
    rng = np.random.RandomState(0)
    left, right = rng.randn(3, 2) * 0.1 - [4, 0], rng.randn(9, 2) * 0.1 + [4, 0]
    wall = np.stack([rng.uniform(-2.5, 2.5, 120), rng.randn(120)], 1)
    X, y = np.concatenate([wall, left, right]), np.array([0] * 120 + [1] * 12)
    crossing = SMOTE(random_state=0).fit_resample(X, y)[0][132:]
    rejecting = LeeSMOTE(random_state=0).fit_resample(X, y)[0][132:]
    assert (np.abs(crossing[:, 0]) < 1).any()
    assert (np.abs(rejecting[:, 0]) > 2).all()


def test_the_constraint_holds_too():
    X, y = table()
    sampler = LeeSMOTE(random_state=0, max_redraws=500, constraint=lambda rows: rows[:, 0] > 1.0)
    rows, labels = sampler.fit_resample(X, y)
    assert (rows[104:, 0] > 1.0).all()
    assert (2 * around(rows, labels, X, y, 5) < 5).all()
    sampler = LeeSMOTE(random_state=0, max_redraws=3, constraint=lambda rows: rows[:, 0] > 99)
    with pytest.raises(ValueError, match=r"`constraint`: 76 of 76 .*; and LeeSMOTE: \d+ of 76"):
        sampler.fit_resample(X, y)


def test_a_class_among_enemies_is_an_error_that_says_how_many():
    X, y = table(counts=(200, 8), shift=1.8)
    y = np.where(y == 1, "fraud", "usual")
    with pytest.raises(ValueError, match=r"LeeSMOTE: \d+ of 192 .*max_redraws=1 .*'fraud'") as caught:
        LeeSMOTE(random_state=0, max_redraws=1).fit_resample(X, y)
    message = str(caught.value)
    count = int(re.findall(r"\d+", message)[0])
    assert 0 < count < 192
    for fact in (f"{count} of them of class 'fraud'", "k_neighbors=5", "raise max_redraws", "use SMOTE"):
        assert fact in message


def test_containers_and_whole_numbers():
    X, y = table()
    options = {"random_state": 0, "max_redraws": 500}
    expected, _ = LeeSMOTE(**options).fit_resample(X, y)
    frame, _ = LeeSMOTE(**options).fit_resample(pd.DataFrame(X, columns=["a", "b"]), y)
    np.testing.assert_array_equal(frame.to_numpy(), expected)
    np.testing.assert_array_equal(LeeSMOTE(**options).fit_resample(X.tolist(), y.tolist())[0], expected)
    thin, _ = LeeSMOTE(**options).fit_resample(sparse.csr_array(X), y)
    np.testing.assert_allclose(thin.toarray(), expected)
    whole = (X * 4).round().astype(np.int16)
    with pytest.warns(DataWarning):
        rows, labels = LeeSMOTE(**options).fit_resample(whole, y)
    # Judged as they are returned, rounded.
    assert (2 * around(rows, labels, whole, y, 5) < 5).all()


def test_few_rows_and_equal_rows():
    X, y = table(counts=(60, 3), shift=9.0)
    with pytest.raises(ValueError, match=r"LeeSMOTE: class 1 has 3 samples but k_neighbors=5 needs 6"):
        LeeSMOTE().fit_resample(X, y)
    with pytest.warns(FewSamplesWarning), pytest.raises(ValueError, match="LeeSMOTE: 57 of 57"):
        # With 2 rows of its own, 3 of the 5 nearest are enemies anywhere.
        LeeSMOTE(few_samples="shrink", random_state=0).fit_resample(*table(counts=(59, 2), shift=9.0))
    with pytest.warns(FewSamplesWarning):
        _, labels = LeeSMOTE(few_samples="shrink", random_state=0).fit_resample(X, y)
    assert np.bincount(labels).tolist() == [60, 60]
    X, y = np.repeat([[1.0], [0.0]], [7, 13], axis=0), np.repeat([1, 0], [7, 13])
    rows, _ = LeeSMOTE(random_state=0).fit_resample(X, y)
    assert (rows[20:] == 1).all()


def test_a_dataset_rejects_in_every_epoch():
    X, y = table()
    data = SMOTEDataset(
        torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(y)), LeeSMOTE(max_redraws=500), seed=1
    )
    for epoch in (0, 3):
        items = [data[epoch * len(data) + row] for row in range(len(y), len(data))]
        assert all(2 * enemies(row, int(label), X, y, 5) < 5 for row, label in items)
    again = pickle.loads(pickle.dumps(data))
    assert torch.equal(again[120][0], data[120][0])
    plain = SMOTEDataset(data.dataset, SMOTE(), seed=1)
    pairs = [(data[row][0], plain[row][0]) for row in range(len(y), len(data))]
    kept = [torch.equal(*pair) for pair in pairs]
    assert 0 < sum(kept) < len(kept)
    hard = SMOTEDataset(data.dataset, LeeSMOTE(max_redraws=0), seed=1)
    with pytest.raises(ValueError, match=r"LeeSMOTE: \d+ of 76"):
        hard.__getitems__(range(104, 180))
    assert hard[104 + kept.index(True)][0].shape == (2,)  # a row that is accepted does not suffer


def test_a_batch_cannot_reject():
    with pytest.raises(ValueError, match=r"LeeSMOTE cannot run in a batch.*use SMOTE"):
        EmbeddingSMOTE(3, LeeSMOTE())
