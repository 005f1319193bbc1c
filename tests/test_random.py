"""The counter-based numbers: the published vectors, uniformity, independence, and no collisions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from torchsmote.random import Purpose, check_epoch, check_seed, normals, philox, stream_seed, uniforms

# Known answers of Random123 for philox4x32-10: counter, key, words.
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), VECTORS)
def test_philox_gives_the_published_words(counter, key, words, device):
    on_torch = philox([torch.tensor([c], device=device) for c in counter], key)
    on_numpy = philox([np.array([c]) for c in counter], key)
    assert tuple(word.item() for word in on_torch) == words
    assert tuple(int(word[0]) for word in on_numpy) == words


def test_philox_leaves_its_counter_alone():
    counter = [np.arange(5) + i for i in range(4)]
    before = [word.copy() for word in counter]
    philox(counter, (1, 2))
    for word, old in zip(counter, before, strict=True):
        np.testing.assert_array_equal(word, old)


def test_numpy_and_torch_paths_agree(device):
    rows = torch.tensor([0, 1, 4095, 4096, 4097, 2**32 - 1, 2**32, 2**40 + 3, 2**62])
    key, words = (123, 456), (rows & 0xFFFFFFFF, rows >> 32, rows * 0 + 7, rows * 0 + 9)
    on_torch = philox([word.to(device) for word in words], key)
    on_numpy = philox([word.numpy() for word in words], key)
    for a, b in zip(on_torch, on_numpy, strict=True):
        assert torch.equal(a.cpu(), torch.from_numpy(b))
    assert torch.equal(uniforms(rows.to(device), 5, 3).cpu(), uniforms(rows, 5, 3))


def test_a_row_has_its_numbers_wherever_it_stands():
    rows = torch.arange(10_000)
    every = uniforms(rows, seed=3, epoch=2)
    order = torch.randperm(10_000, generator=torch.Generator().manual_seed(0))
    assert torch.equal(uniforms(rows[order], 3, 2), every[:, order])
    assert torch.equal(uniforms(rows[17:18], 3, 2), every[:, 17:18])


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize(("seed", "epoch"), [(0, 0), (0, 1), (2**64 - 1, 2**32 - 1), (1 << 40, 5)])
def test_numbers_are_uniform(which, seed, epoch):
    numbers = uniforms(torch.arange(200_000), seed, epoch)[which]
    assert numbers.min() >= 0
    assert numbers.max() < 1
    counts = np.histogram(numbers.numpy(), bins=100, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > 1e-4
    low_bits = (numbers * 2**24).long() % 64  # the low bits of the coarsest number count too
    assert stats.chisquare(low_bits.bincount(minlength=64).numpy()).pvalue > 1e-4


def correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    return abs(float(torch.corrcoef(torch.stack((a, b)))[0, 1]))


def test_numbers_of_epochs_rows_seeds_and_purposes_are_independent():
    rows, bound = torch.arange(100_000), 5 / 100_000**0.5
    here = uniforms(rows, 0, 0)
    others = [
        uniforms(rows, 0, 1),
        uniforms(rows, 1, 0),
        uniforms(rows, 0, 0, attempt=1),
        uniforms(rows, 0, 0, block=1),
        uniforms(rows, 0, 0, purpose=Purpose.EMBEDDING),
        uniforms(rows + 1, 0, 0),
        uniforms(rows + 2**32, 0, 0),
        uniforms(rows, 1 << 32, 0),
    ]
    for other in others:
        for i in range(3):
            for j in range(3):
                assert correlation(here[i], other[j]) < bound
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert correlation(here[i], here[j]) < bound
    # Pairs of neighbouring rows fill the unit square evenly.
    square = np.histogram2d(here[2, :-1:2].numpy(), here[2, 1::2].numpy(), bins=10, range=[[0, 1]] * 2)[0]
    assert stats.chisquare(square.ravel()).pvalue > 1e-4


def test_seeds_and_epochs_do_not_collide():
    row = torch.tensor([0])
    seen = {
        tuple(uniforms(row, seed, epoch, attempt=attempt)[:, 0].tolist())
        for seed in (*range(12), 2**32, 2**32 + 1)
        for epoch in (*range(12), 2**31)
        for attempt in (0, 1)
    }
    assert len(seen) == 14 * 13 * 2


def test_stream_seeds_do_not_collide_and_fit_a_generator():
    seeds = {
        stream_seed(seed, epoch, purpose) for seed in range(20) for epoch in range(20) for purpose in Purpose
    }
    assert len(seeds) == 20 * 20 * len(Purpose)
    for seed in seeds:
        torch.Generator().manual_seed(seed)


def test_an_empty_row_list_is_fine(device):
    assert uniforms(torch.empty(0, dtype=torch.int64, device=device), 0).shape == (3, 0)


@pytest.mark.parametrize(("check", "limit"), [(check_seed, 2**64), (check_epoch, 2**32)])
def test_seed_and_epoch_are_checked(check, limit):
    assert check(np.int64(7)) == 7
    assert type(check(np.int64(7))) is int
    assert check(limit - 1) == limit - 1
    for wrong in (-1, limit):
        with pytest.raises(ValueError, match=f"nonsense.*{wrong}"):
            check(wrong, "nonsense")
    for wrong in (1.0, "1", None, True):
        with pytest.raises(TypeError, match=type(wrong).__name__):
            check(wrong)


def test_counter_words_are_checked():
    row = torch.tensor([0])
    with pytest.raises(ValueError, match="attempt"):
        uniforms(row, 0, attempt=2**16)
    with pytest.raises(ValueError, match="epoch"):
        uniforms(row, 0, epoch=2**32)


@pytest.mark.parametrize("count", [1, 2, 5, 600])
def test_normals_are_normal_pure_and_independent_of_the_uniforms(count, device):
    rows = torch.arange(4000, device=device)
    made = normals(rows, count, seed=5, epoch=1)
    assert made.shape == (4000, count)
    assert stats.kstest(made.flatten().cpu().numpy()[:200_000], "norm").pvalue > 1e-3
    torch.testing.assert_close(normals(rows[7:9], count, seed=5, epoch=1), made[7:9])
    for other in ({"seed": 6}, {"epoch": 2}, {"attempt": 1}):
        fresh = normals(rows, count, **{"seed": 5, "epoch": 1, **other})
        assert abs(np.corrcoef(fresh[:, 0].cpu(), made[:, 0].cpu())[0, 1]) < 0.08
    u = uniforms(rows, seed=5, epoch=1)[0]
    assert abs(np.corrcoef(u.cpu(), made[:, 0].cpu())[0, 1]) < 0.08
    if count > 2:
        assert abs(np.corrcoef(made[:, 0].cpu(), made[:, 2].cpu())[0, 1]) < 0.08


def test_too_many_normals_are_refused():
    with pytest.raises(ValueError, match=r"`count`.*122880"):
        normals(torch.arange(1), 122_881, seed=0)
