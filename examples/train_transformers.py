"""Transformers' Trainer on real texts, with synthetic rows in two places where something can be interpolated.

    python examples/train_transformers.py
    python examples/train_transformers.py --rows 4000 --epochs 6

Tell from a real review whether it gave one star, which 3.6 % did. Half way between two token ids lies no
token: ids and masks are never interpolated. So a small BERT, made here from random weights and a vocabulary
of the training texts (no model hub is asked), is trained

1. plainly;
2. with EmbeddingSMOTE between its pooled output and its last layer: batches stay token ids, and synthetic
   rows are made inside the model, from the embeddings of the batch;
3. on items that hold word vectors (``inputs_embeds``), those of the second network: a SMOTEDataset finds
   neighbours in its pooled embeddings (``features=``), interpolates the word vectors of a review and its
   neighbour, and takes mask and label from the review itself.

One run of a small network proves nothing about which is better, and the next gives other numbers: tokenizers
makes another vocabulary each time. Needs the extra ``trainers``.
"""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

import torch
from sklearn.metrics import average_precision_score
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    set_seed,
)

from torchsmote import EmbeddingSMOTE, SMOTEDataset, fetch_reviews
from torchsmote.datasets import split_by_group
from torchsmote.progress import print_line
from torchsmote.transformers import SMOTECallback

LENGTH, WORDS, WIDTH = 48, 3000, 32


class Classifier(nn.Module):
    """BERT, the mean over the tokens of a text, maybe synthetic rows, and a last layer."""

    def __init__(self, smote: EmbeddingSMOTE | None = None) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=WORDS,
            hidden_size=WIDTH,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=2 * WIDTH,
            max_position_embeddings=LENGTH,
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.smote = smote
        self.head = nn.Linear(WIDTH, 2)

    def pooled(self, attention_mask: Tensor, **texts: Tensor) -> Tensor:
        """Embeddings of texts, (b, WIDTH), from ``input_ids`` (b, t) or ``inputs_embeds`` (b, t, WIDTH)."""
        steps = self.encoder(attention_mask=attention_mask, **texts).last_hidden_state
        weights = attention_mask.unsqueeze(-1)
        return (steps * weights).sum(1) / weights.sum(1)

    def forward(
        self,
        attention_mask: Tensor,
        labels: Tensor,
        input_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """What the Trainer wants of a model: a loss, and the logits of the rows that came in."""
        given = {"input_ids": input_ids} if inputs_embeds is None else {"inputs_embeds": inputs_embeds}
        h, y = self.pooled(attention_mask, **given), labels
        if self.smote is not None:
            h, y = self.smote(h, y)  # real rows first; nothing is added in eval mode
        logits = self.head(h)
        return {"loss": nn.functional.cross_entropy(logits, y), "logits": logits[: len(labels)]}


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    """A tokenizer whose vocabulary are the frequent words and pieces of these texts."""
    own = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    own.normalizer, own.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    own.train_from_iterator(
        texts,
        trainers.WordPieceTrainer(vocab_size=WORDS, special_tokens=list(names.values()), show_progress=False),
    )
    return PreTrainedTokenizerFast(tokenizer_object=own, **names)


def train(model: Classifier, dataset: Any, epochs: int) -> None:
    """Train with Transformers' Trainer; the callback tells the epoch to whatever makes synthetic rows."""
    makes_rows = isinstance(dataset, SMOTEDataset) or model.smote is not None
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(
            folder,
            num_train_epochs=epochs,
            per_device_train_batch_size=32,
            learning_rate=3e-3,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            dataloader_pin_memory=torch.cuda.is_available(),
        )
        callbacks = [SMOTECallback()] if makes_rows else []
        Trainer(model, settings, train_dataset=dataset, callbacks=callbacks).train()


@torch.no_grad()
def score(name: str, model: Classifier, texts: dict[str, Tensor], y: Tensor) -> None:
    """Print the average precision on held-out reviews."""
    logits = model.cpu().eval()(labels=y, **texts)["logits"]
    found = average_precision_score(y, logits.softmax(1)[:, 1])
    print(f"{name:<40} average precision {found:.3f}")


def main() -> None:
    """Fetch, tokenise, train three times."""
    parser = argparse.ArgumentParser(description="Tell one-star reviews with Transformers' Trainer.")
    parser.add_argument("--rows", type=int, default=1500, help="how many of the 22,641 reviews")
    parser.add_argument("--epochs", type=int, default=3)
    chosen = parser.parse_args()

    reviews = fetch_reviews(say=print_line)
    texts, one_star = reviews.data[: chosen.rows], torch.from_numpy(reviews.target[: chosen.rows] == 0).long()
    split = split_by_group(one_star.numpy(), reviews.groups[: chosen.rows], seed=0)
    train_rows, test_rows = torch.from_numpy(split.train), torch.from_numpy(split.test)
    tokenizer = tokenizer_of(texts[split.train].tolist())
    fixed = {"padding": "max_length", "truncation": True, "max_length": LENGTH, "return_tensors": "pt"}
    tokens = tokenizer(texts.tolist(), return_token_type_ids=False, **fixed)
    counts = one_star[train_rows].bincount()
    print(f"{len(train_rows)} reviews to train on, {counts[1]} of them with one star")

    def tokens_of(rows: Tensor) -> dict[str, Tensor]:
        return {name: values[rows] for name, values in tokens.items()}

    def items_of(inputs: dict[str, Tensor]) -> list[dict[str, Tensor]]:
        columns = {**inputs, "labels": one_star[train_rows]}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    inputs, held_out, y_held_out = tokens_of(train_rows), tokens_of(test_rows), one_star[test_rows]
    set_seed(0)
    plain = Classifier()
    train(plain, items_of(inputs), chosen.epochs)
    score("plain", plain, held_out, y_held_out)

    set_seed(0)
    inside = Classifier(EmbeddingSMOTE(2, class_counts=counts.tolist(), seed=0))
    train(inside, items_of(inputs), chosen.epochs)
    score("EmbeddingSMOTE before the last layer", inside, held_out, y_held_out)

    with torch.no_grad():
        table = inside.encoder.get_input_embeddings().requires_grad_(False)
        features = inside.pooled(**inputs)
    vectors = {"inputs_embeds": table(inputs["input_ids"]), "attention_mask": inputs["attention_mask"]}
    dataset = SMOTEDataset(items_of(vectors), features=features, seed=0)
    real, other = dataset.provenance(-1).base, dataset.provenance(-1).neighbor
    item, own = dataset[-1], dataset[real]
    print(f"last synthetic row: review {real} towards review {other}")
    print("word vectors are its base's:", torch.equal(item["inputs_embeds"], own["inputs_embeds"]))
    print("mask is its base's:", torch.equal(item["attention_mask"], own["attention_mask"]))
    set_seed(0)
    between = Classifier()
    train(between, dataset, chosen.epochs)
    del held_out["input_ids"]
    held_out["inputs_embeds"] = table(tokens_of(test_rows)["input_ids"])
    score("SMOTEDataset over word vectors", between, held_out, y_held_out)
    print("The third has word vectors that the second learned. One run of each is no comparison: the next")
    print("makes another vocabulary, and has other scores.")


if __name__ == "__main__":
    main()
