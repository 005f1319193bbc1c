"""Transformers' Trainer: real texts, synthetic rows before or inside the model, fresh and resumable."""

from __future__ import annotations

import inspect
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate.data_loader import prepare_data_loader
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, Trainer, TrainingArguments

from torchsmote import SMOTE, EmbeddingSMOTE
from torchsmote.data import SMOTEDataset
from torchsmote.transformers import SMOTECallback

pytestmark = pytest.mark.global_rng  # the Trainer seeds the global generators itself

COMMON, RARE, LENGTH, WORDS, WIDTH = 48, 12, 24, 300, 8
EPOCHS, BATCH, SAVED = 3, 16, 10  # 6 steps an epoch: the checkpoint lies within the second


def texts() -> tuple[list[str], Tensor]:
    """What functions say of themselves: torch.nn.functional's, and numpy.linalg's, which are rarer."""
    found: list[str] = []
    for module, count in ((nn.functional, COMMON), (np.linalg, RARE)):
        docs = (inspect.getdoc(getattr(module, name)) for name in sorted(dir(module)))
        found += list(dict.fromkeys(doc for doc in docs if doc and len(doc) > 200))[:count]
    return found, torch.tensor([0] * COMMON + [1] * RARE)


def tokenized(docs: list[str]) -> dict[str, Tensor]:
    """Token ids and masks, by a vocabulary of these texts: nothing is asked of a hub."""
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    own = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    own.pre_tokenizer = pre_tokenizers.Whitespace()
    own.train_from_iterator(
        docs,
        trainers.WordPieceTrainer(
            vocab_size=WORDS, special_tokens=[*special.values()], show_progress=False, limit_alphabet=99
        ),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=own, **special)
    fixed = {"padding": "max_length", "truncation": True, "max_length": LENGTH, "return_tensors": "pt"}
    return dict(tokenizer(docs, return_token_type_ids=False, **fixed))


class Network(nn.Module):
    """A small BERT; remembers what it was trained on."""

    def __init__(self, smote: EmbeddingSMOTE | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=WORDS,
            hidden_size=WIDTH,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=WIDTH,
            max_position_embeddings=LENGTH,
            hidden_dropout_prob=0.0,  # its draws are the Trainer's affair
            attention_probs_dropout_prob=0.0,
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.smote = smote
        self.head = nn.Linear(WIDTH, 2)
        self.seen: list[Tensor] = []

    def forward(
        self,
        attention_mask: Tensor,
        labels: Tensor,
        input_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
    ) -> dict[str, Tensor]:
        given = {"input_ids": input_ids, "inputs_embeds": inputs_embeds}
        h = self.encoder(attention_mask=attention_mask, **given).last_hidden_state.mean(1)
        if self.smote is not None:
            h, labels = self.smote(h, labels)
        self.seen.append((h if inputs_embeds is None else inputs_embeds).detach().clone())
        logits = self.head(h)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def fit(
    model: nn.Module, dataset: Any, folder: Path, resume: bool = False, trainer: type = Trainer, **given: Any
) -> None:
    settings = TrainingArguments(
        str(folder),
        num_train_epochs=EPOCHS,
        per_device_train_batch_size=BATCH,
        save_steps=given.pop("save_steps", SAVED),
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        dataloader_pin_memory=False,
        use_cpu=True,
        **given,
    )
    run = trainer(model, settings, train_dataset=dataset, callbacks=[SMOTECallback()])
    run.train(resume_from_checkpoint=str(folder / f"checkpoint-{settings.save_steps}") if resume else None)


@pytest.fixture(scope="module")
def tokens():
    docs, labels = texts()
    columns = {**tokenized(docs), "labels": labels}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.fixture(scope="module")
def vectors(tokens):
    """The same items with word vectors in place of ids, and the mean of each, to search in."""
    words = nn.Embedding(
        WORDS, WIDTH, _weight=torch.randn(WORDS, WIDTH, generator=torch.Generator().manual_seed(0))
    )
    items = [
        {
            "inputs_embeds": words(item["input_ids"]).detach(),
            **{key: item[key] for key in ("attention_mask", "labels")},
        }
        for item in tokens
    ]
    return items, torch.stack([item["inputs_embeds"].mean(0) for item in items])


def over_vectors(vectors) -> SMOTEDataset:
    items, features = vectors
    return SMOTEDataset(items, SMOTE(k_neighbors=3), features=features, seed=1)


def rows(batches) -> list[bytes]:
    return [row.numpy().tobytes() for batch in batches for row in batch]


@pytest.mark.parametrize(
    "workers",
    [{}, {"dataloader_num_workers": 2, "dataloader_persistent_workers": True}],
    ids=["no workers", "2 persistent workers"],
)
def test_word_vectors_are_mixed_fresh_every_epoch_and_the_same_after_a_resume(vectors, workers, tmp_path):
    data, model = over_vectors(vectors), Network()
    fit(model, data, tmp_path, **workers)
    untold = over_vectors(vectors)  # what rows are, without a Trainer
    steps, n = len(data) // BATCH, len(data)
    for epoch in range(EPOCHS):
        want = [untold[epoch * n + row]["inputs_embeds"] for row in range(n)]
        assert Counter(rows(model.seen[epoch * steps : (epoch + 1) * steps])) == Counter(rows([want]))
    real = {row for item in vectors[0] for row in rows([item["inputs_embeds"][None]])}
    assert len(set(rows(model.seen)) - real) == EPOCHS * data.n_synthetic

    again = Network()
    fit(again, over_vectors(vectors), tmp_path, resume=True, **workers)
    assert rows(again.seen) == rows(model.seen[SAVED:])
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_ids_and_masks_and_labels_are_the_base_items(vectors):
    data = over_vectors(vectors)
    items = vectors[0]
    for row in range(len(items), len(data)):
        base, neighbor, step = data.provenance(row)
        assert torch.equal(data[row]["attention_mask"], items[base]["attention_mask"])
        assert data[row]["labels"] == items[base]["labels"]
        own, other = items[base]["inputs_embeds"], items[neighbor]["inputs_embeds"]
        torch.testing.assert_close(data[row]["inputs_embeds"], own + step * (other - own))


def test_embeddings_are_mixed_inside_the_model_and_its_checkpoint_goes_on(tokens, tmp_path):
    def inside():
        return Network(EmbeddingSMOTE(2, SMOTE(k_neighbors=3), ratio=lambda epoch: float(epoch > 0), seed=2))

    model = inside()
    fit(model, tokens, tmp_path, save_steps=6)
    # 60 texts are 4 batches; the epoch that the callback tells decides how many rows are added.
    assert [len(batch) for batch in model.seen] == [16, 16, 16, 12] + 2 * [32, 32, 32, 24]
    again = inside()
    fit(again, tokens, tmp_path, resume=True, save_steps=6)
    assert rows(again.seen) == rows(model.seen[6:])
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_a_trainer_in_which_nothing_makes_rows_is_refused(tokens, tmp_path):
    with pytest.raises(TypeError, match=r"SMOTECallback found nothing.*SMOTEDataset.*list.*EmbeddingSMOTE"):
        fit(Network(), tokens, tmp_path)


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head = nn.Linear(3, 2)
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        self.seen.append(x.clone())
        return {"loss": nn.functional.cross_entropy(self.head(x), labels)}


def small() -> SMOTEDataset:
    X = torch.randn(COMMON + RARE, 3, generator=torch.Generator().manual_seed(0))
    y = torch.tensor([0] * COMMON + [1] * RARE)
    return SMOTEDataset([{"x": a, "labels": b} for a, b in zip(X, y, strict=True)], SMOTE(k_neighbors=3))


class RankTrainer(Trainer):
    """One of two ranks: Accelerate deals out batches as under torchrun, and nobody waits for the other."""

    rank = 0

    def get_train_dataloader(self):
        order = RandomSampler(self.train_dataset)  # what the Trainer asks for; Accelerate seeds it
        loader = DataLoader(self.train_dataset, BATCH, sampler=order, collate_fn=self.data_collator)
        place = {"num_processes": 2, "process_index": self.rank}
        return prepare_data_loader(loader, **place, use_seedable_sampler=True, data_seed=self.args.seed)


class SecondRankTrainer(RankTrainer):
    rank = 1


def test_two_ranks_together_read_every_epoch_and_resume_in_its_middle(tmp_path):
    ranks = []
    for trainer in (RankTrainer, SecondRankTrainer):
        folder, whole, rest = tmp_path / trainer.__name__, Plain(), Plain()
        fit(whole, small(), folder, save_steps=4, trainer=trainer)
        fit(rest, small(), folder, resume=True, save_steps=4, trainer=trainer)
        assert rows(rest.seen) == rows(whole.seen[4:])
        ranks.append(whole.seen)
    data = small()
    n, steps = len(data), len(data) // BATCH // 2
    for epoch in range(EPOCHS):
        seen = [batch for rank in ranks for batch in rank[epoch * steps : (epoch + 1) * steps]]
        want = [data[epoch * n + row]["x"] for row in range(n)]
        assert Counter(rows(seen)) == Counter(rows([want]))
