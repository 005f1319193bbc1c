"""Saved recipes: equal bit for bit, whole or not at all, and refused when they are anything else."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from torchsmote import (
    ADASYN,
    EOS,
    SMOTE,
    BorderlineSMOTE,
    GaussianSMOTE,
    KMeansSMOTE,
    ProWSyn,
    RandomOverSampler,
    SafeLevelSMOTE,
    recipe_file,
)
from torchsmote.origin import Origin
from torchsmote.recipe import Part, Recipe
from torchsmote.targets import encode
from torchsmote.variants import VARIANTS
from torchsmote.whole_files import replacing

SAMPLERS = [
    SMOTE(),
    RandomOverSampler(),
    BorderlineSMOTE(kind="borderline-2"),
    ADASYN(),
    EOS(),
    GaussianSMOTE(k_neighbors=3),
    SafeLevelSMOTE(),
    ProWSyn(),
    KMeansSMOTE(cluster_balance_threshold=0.0),
]


def table(dtype=torch.float32):
    X = torch.randn(120, 4, generator=torch.Generator().manual_seed(0), dtype=dtype)
    y = torch.tensor([0] * 80 + [1] * 25 + [2] * 15)
    X[y > 0] += 0.7
    return X, y


def fitted(sampler=None, dtype=torch.float32) -> Recipe:
    return (sampler or SMOTE()).recipe(*table(dtype), generator=torch.Generator().manual_seed(0))


def assert_equal(one: Recipe, other: Recipe):
    for field in fields(Recipe):
        ours, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(ours, Tensor):
            assert ours.dtype == theirs.dtype, field.name
            assert ours.shape == theirs.shape, field.name
            # As bytes: NaN is equal to itself, and -0 is not 0.
            assert ours.cpu().numpy().tobytes() == theirs.cpu().numpy().tobytes(), field.name
        elif field.name != "layout":
            assert ours == theirs, field.name
            assert type(ours) is type(theirs), field.name


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: type(sampler).__name__)
def test_every_samplers_recipe_comes_back_bit_for_bit(sampler, tmp_path):
    recipe = fitted(sampler, torch.float64)
    recipe.save(tmp_path / "recipe")
    loaded = Recipe.load(tmp_path / "recipe")
    assert_equal(recipe, loaded)
    every = torch.arange(recipe.n_synthetic)
    for ours, theirs in zip(recipe.draw(every, 3, 1), loaded.draw(every, 3, 1), strict=True):
        assert torch.equal(ours, theirs)


@given(
    st.sampled_from(sorted(VARIANTS)),
    st.sampled_from([torch.float16, torch.bfloat16, torch.float32, torch.float64]),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 9)), max_size=5),
    st.integers(0, 3),
    st.sets(st.sampled_from(["table", "valid", "weights", "repeats", "enemies", "spans", "origin"])),
    st.sampled_from([torch.float32, torch.float64, torch.int64]),
    st.floats(width=32),
)
def test_any_recipe_comes_back(tmp_path_factory, name, dtype, parts, k, given_, weights, value):
    parts = tuple(Part(*part) for part in parts)
    b = sum(part.size for part in parts)
    made = {
        "table": torch.arange(b * k).reshape(k, b).T,  # not contiguous
        "valid": torch.full((b,), k),
        "weights": torch.full((b,), value if weights.is_floating_point else 3).to(weights),
        "repeats": torch.arange(b),
        "enemies": torch.arange(b * k).reshape(b, k) % 2 == 0,
        "spans": torch.full((b, k, 2), value, dtype=torch.float64),
        "origin": Origin("SMOTE", (4, 5), "ab", 0.1 + 0.2),
    }
    recipe = replace(
        Recipe(VARIANTS[name], 4, torch.arange(b) + 2**40, parts, None, dtype),
        **{key: made[key] for key in given_},
    )
    path = tmp_path_factory.getbasetemp() / "any"
    recipe.save(path)
    assert_equal(recipe, Recipe.load(path))


def test_tensors_that_share_memory_are_saved_apart(tmp_path):
    rows = torch.arange(5)
    recipe = Recipe(VARIANTS["random"], 2, rows, (Part(1, 5, 4),), rows.unsqueeze(1))
    recipe.save(tmp_path / "recipe")
    assert_equal(recipe, Recipe.load(tmp_path / "recipe"))


def test_it_goes_to_a_device_and_comes_from_one(device, tmp_path):
    recipe = fitted(BorderlineSMOTE())
    recipe.to(device).save(tmp_path / "recipe")
    loaded = Recipe.load(tmp_path / "recipe", device=device)
    assert loaded.rows.device.type == torch.device(device).type
    assert_equal(recipe, loaded)


def test_what_is_loaded_may_be_written_to_without_touching_the_file(tmp_path):
    fitted().save(tmp_path / "recipe")
    Recipe.load(tmp_path / "recipe").rows.fill_(7)
    assert_equal(fitted(), Recipe.load(tmp_path / "recipe"))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")
def test_tensors_are_mapped_from_the_file(tmp_path):
    fitted().save(tmp_path / "mapped-recipe")
    loaded = Recipe.load(tmp_path / "mapped-recipe")
    assert "mapped-recipe" in Path("/proc/self/maps").read_text()
    assert len(loaded.rows)


def test_the_origin_is_the_fits():
    origin = fitted(ADASYN()).origin
    assert origin == Origin.of(ADASYN(), encode(table()[1]))
    assert origin.counts == (80, 25, 15)
    assert fitted(ADASYN()).to("cpu").origin == origin


def test_a_variant_that_no_other_process_knows_is_refused(tmp_path):
    own = replace(fitted(), variant=replace(VARIANTS["smote"], name="own"))
    with pytest.raises(ValueError, match="'own' is not in"):
        own.save(tmp_path / "recipe")
    assert not list(tmp_path.iterdir())


def test_a_variant_that_is_gone_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(VARIANTS, "own", replace(VARIANTS["smote"], name="own"))
    replace(fitted(), variant=VARIANTS["own"]).save(tmp_path / "recipe")
    monkeypatch.delitem(VARIANTS, "own")
    with pytest.raises(ValueError, match="'own', which is not in"):
        Recipe.load(tmp_path / "recipe")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "recipe"
    fitted().save(path)
    return path


@given(st.data())
def test_a_byte_that_changed_is_found(saved, tmp_path_factory, data):
    content = bytearray(saved.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    content[place] ^= data.draw(st.integers(1, 255), label="bits")
    changed = tmp_path_factory.getbasetemp() / "changed"
    changed.write_bytes(content)
    with pytest.raises(ValueError, match=r"corrupted|damaged|truncated|format"):
        Recipe.load(changed)


def test_every_byte_of_the_header_counts(saved, tmp_path):
    content = saved.read_bytes()
    for place in range(8 + int.from_bytes(content[:8], "little")):
        value = 0x0A if content[place] == 0x20 else 0x20  # where a header may have spaces, it may have both
        (tmp_path / "changed").write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
        with pytest.raises(ValueError, match=r"corrupted|damaged|truncated|format"):
            Recipe.load(tmp_path / "changed")


@given(st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_found(saved, tmp_path_factory, share):
    content = saved.read_bytes()
    short = tmp_path_factory.getbasetemp() / "short"
    short.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"truncated|damaged"):
        Recipe.load(short)


def test_messages_say_which(saved, tmp_path):
    content, path = saved.read_bytes(), tmp_path / "wrong"
    path.write_bytes(content[:-1])
    with pytest.raises(ValueError, match=rf"wrong is truncated: {len(content) - 1} of {len(content)} bytes"):
        Recipe.load(path)
    path.write_bytes(content + b"\0")
    with pytest.raises(ValueError, match="wrong is corrupted"):
        Recipe.load(path)
    for foreign in (b"", b"PK\3\4 a zip file, say, that is longer than eight bytes", b"\xff" * 20):
        path.write_bytes(foreign)
        with pytest.raises(ValueError, match=r"not a file that Recipe\.save wrote"):
            Recipe.load(path)
    save_file({"rows": torch.arange(3)}, path, {"format": "pt"})
    with pytest.raises(ValueError, match=r"not a file that Recipe\.save wrote"):
        Recipe.load(path)


def test_a_newer_format_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe_file, "FORMAT", 2)
    fitted().save(tmp_path / "recipe")
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"by torchsmote \d.* in format 2; this version reads up to 1"):
        Recipe.load(tmp_path / "recipe")


def test_the_file_is_safetensors_and_says_what_it_is(saved):
    content = saved.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    facts = json.loads(header["__metadata__"]["torchsmote.recipe"])
    assert facts["origin"]["sampler"] == "SMOTE()"
    assert facts["format"] == 1


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        SafetensorError("No space left on device (os error 28)"),
        KeyboardInterrupt("Ctrl-C"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_save_that_is_cut_off_leaves_the_old_file(error, tmp_path, monkeypatch):
    fitted().save(tmp_path / "recipe")
    before = (tmp_path / "recipe").read_bytes()

    def half(tensors, path, metadata):
        Path(path).write_bytes(b"half")
        raise error

    monkeypatch.setattr(recipe_file, "save_file", half)
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else OSError
    with pytest.raises(expected):
        fitted(ADASYN()).save(tmp_path / "recipe")
    assert [file.name for file in tmp_path.iterdir()] == ["recipe"]
    assert (tmp_path / "recipe").read_bytes() == before


_IN_ANOTHER_PROCESS = """
import resource, sys, time, numpy as np, torch
from torchsmote import recipe_file
from torchsmote.recipe import Part, Recipe
from torchsmote.variants import VARIANTS
how, folder = sys.argv[1:]
rows = torch.arange(300_000)
recipe = Recipe(VARIANTS["random"], 2, rows, (Part(1, len(rows), 4),), rows.unsqueeze(1))
if how == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    try:
        recipe.save(folder + "/recipe")
    except OSError as error:
        print("OSError", error)
else:
    def slow(path):
        print("written", flush=True)
        time.sleep(60)
    recipe_file._sign = slow
    recipe.save(folder + "/recipe")
"""


def other_process(how: str, folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", _IN_ANOTHER_PROCESS, how, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="needs a limit of file sizes, and SIGKILL")
def test_a_full_disk_and_a_kill_leave_the_old_file(tmp_path):
    fitted().save(tmp_path / "recipe")
    full, killed = other_process("full", tmp_path), other_process("kill", tmp_path)
    out, err = full.communicate()
    assert full.returncode == 0, err
    assert out.startswith("OSError")
    assert killed.stdout.readline() == "written\n"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert_equal(fitted(), Recipe.load(tmp_path / "recipe"))
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left[0] == "recipe"
    assert all(name.endswith(".partial") for name in left[1:])  # a killed process cannot tidy up
    assert len(left) == 2


def test_an_unknown_device_is_refused(saved):
    with pytest.raises(ValueError, match="`device`='gpu' cannot be used"):
        Recipe.load(saved, device="gpu")


def test_those_who_write_at_once_do_not_meet(tmp_path):
    with replacing(tmp_path / "recipe") as one, replacing(tmp_path / "recipe") as other:
        one.write_text("one")
        other.write_text("other")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("recipe", "one")]


def test_a_missing_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Recipe.load(tmp_path / "none")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_not_replaced_by_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "folder").mkdir()
    for path in (pipe, tmp_path / "folder"):
        with pytest.raises(ValueError, match=r"`path`: '.*' is no file but"), replacing(path) as partial:
            partial.write_bytes(b"x")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "pipe"]
