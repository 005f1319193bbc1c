"""Two processes of torch.distributed: draws of their own, one bank for all, gradients of DDP."""

import pytest
import torch
from processes import run_ranks
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import skip_init

from torchsmote import GeometricSMOTE
from torchsmote.nn import EmbeddingSMOTE, FeatureBank, ranks
from torchsmote.nn.words import step_words

WORLD = 2
SIZES = ((6, 9), (5, 0), (20, 1), (1, 13))  # rows of each rank in each step


def batch(rank, step, rows):
    generator = torch.Generator().manual_seed(100 * rank + step)
    return torch.randn(rows, 3, generator=generator), torch.randint(2, (rows,), generator=generator)


class Model(torch.nn.Module):
    """An encoder, the layer, a head, and a buffer that DDP has to keep equal."""

    def __init__(self, **options):
        super().__init__()
        linear = torch.nn.Linear
        self.encoder, self.head = skip_init(linear, 3, 4), skip_init(linear, 4, 2)
        with torch.no_grad():
            for value in self.parameters():
                value.copy_(torch.linspace(-1, 1, value.numel()).reshape(value.shape))
        self.smote = EmbeddingSMOTE(2, GeometricSMOTE(k_neighbors=2), seed=4, **options)

    def forward(self, x, y):
        h, y = self.smote(self.encoder(x), y)
        return torch.nn.functional.cross_entropy(self.head(h), y)


def train(model, rank):
    """Three steps with a bank; the gradients of each, and the layer's state after all."""
    grads = []
    for step in range(3):
        model.zero_grad()
        model(*batch(rank, step, 8 if rank else 10)).backward()
        grads.append([value.grad.clone() for value in model.parameters()])
    return grads, dict(getattr(model, "module", model).smote.state_dict())


def one_rank(rank):
    bank = FeatureBank(2, 8, gather=True, momentum=0.25)
    for step, rows in enumerate(SIZES):
        bank.push(*batch(rank, step, rows[rank]))
    return {
        "bank": bank.state_dict(),
        "gathered": train(DistributedDataParallel(Model(bank_size=12, gather_bank=True)), rank),
        "broadcast": train(DistributedDataParallel(Model(bank_size=12)), rank),
        "own": train(DistributedDataParallel(Model(bank_size=12), broadcast_buffers=False), rank),
    }


@pytest.fixture(scope="module")
def found():
    """What each rank ended with, from one pair of processes for all tests here."""
    return run_ranks(one_rank, WORLD)


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def test_a_gathered_bank_is_the_one_process_bank_of_the_batches_in_rank_order(found):
    wanted = FeatureBank(2, 8, momentum=0.25)
    for step, sizes in enumerate(SIZES):
        rows, labels = zip(*(batch(rank, step, sizes[rank]) for rank in range(WORLD)), strict=True)
        wanted.push(torch.cat(rows), torch.cat(labels))
    for each in found:
        assert same(each["bank"], wanted.state_dict())


def reference(banks, monkeypatch):
    """The mean of both ranks' gradients in one process; ``banks`` says whose rows each rank's bank gets."""
    models = [Model(bank_size=12) for _ in range(WORLD)]
    grads = []
    for step in range(3):
        batches = [batch(rank, step, 8 if rank else 10) for rank in range(WORLD)]
        for rank, model in enumerate(models):
            monkeypatch.setattr("torchsmote.nn.embedding.rank", lambda rank=rank: rank)
            model.zero_grad()
            pushed = [model.encoder(batches[source][0]).detach() for source in banks[rank]]
            labels = [batches[source][1] for source in banks[rank]]
            own = model.smote.bank
            kept = own.push
            own.push = lambda h, y: None
            model(*batches[rank]).backward()
            own.push = kept
            own.push(torch.cat(pushed), torch.cat(labels))
        pairs = zip(*(model.parameters() for model in models), strict=True)
        grads.append([torch.stack([value.grad for value in pair]).mean(0) for pair in pairs])
    return grads, [model.smote.state_dict() for model in models]


@pytest.mark.parametrize(
    ("name", "banks"),
    [("gathered", ((0, 1), (0, 1))), ("own", ((0,), (1,)))],
)
def test_gradients_of_ddp_are_the_mean_of_the_ranks_own(found, name, banks, monkeypatch):
    grads, states = reference(banks, monkeypatch)
    for rank in range(WORLD):
        for got, wanted in zip(found[rank][name][0], grads, strict=True):
            torch.testing.assert_close(got, wanted)
        state = found[rank][name][1]
        for key in ("bank.features", "bank.pushed", "bank.age", "counter"):
            torch.testing.assert_close(state[key], states[rank][key])


def test_ranks_draw_differently(found):
    counts = [each["own"][1]["drawn_counts"].tolist() for each in found]
    assert counts[0] != counts[1]
    words = [step_words(50, 1, 3, torch.tensor(7), torch.device("cpu"), rank) for rank in range(3)]
    assert torch.equal(words[0], step_words(50, 1, 3, torch.tensor(7), torch.device("cpu")))
    for left, right in ((0, 1), (0, 2), (1, 2)):
        assert not (words[left] == words[right]).any()


def test_ranks_and_devices_have_the_same_words(device, monkeypatch):
    number = torch.tensor(2**40 + 3)
    wanted = step_words(9, 2, 5, number, torch.device("cpu"), 3)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    assert torch.equal(step_words(9, 2, 5, number.to(device), device, 3).cpu(), wanted)


def test_the_banks_of_gathering_ranks_are_equal_and_others_differ(found):
    def banks(name):
        return [each[name][1]["bank.features"] for each in found]

    assert torch.equal(*banks("gathered"))
    assert not torch.equal(*banks("own"))


def test_by_default_ddp_gives_every_rank_the_bank_of_rank_0(found):
    # Rank 1 holds what rank 0 broadcast before the last step, and its own rows of that step.
    states = [each["broadcast"][1] for each in found]
    assert states[0]["bank.pushed"].sum() == 30
    assert states[1]["bank.pushed"].sum() == 28


def test_one_process_is_rank_0_and_gathers_its_own_rows():
    assert ranks.rank() == 0
    alone, plain = FeatureBank(2, 6, 3, gather=True), FeatureBank(2, 6, 3)
    for step, rows in enumerate((4, 0, 9)):
        for bank in (alone, plain):
            bank.push(*batch(0, step, rows))
    assert torch.equal(alone.features, plain.features)
    assert torch.equal(alone.pushed, plain.pushed)


def test_a_step_that_gathers_is_one_graph(alone):
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    eager, compiled = (EmbeddingSMOTE(2, bank_size=8, gather_bank=True) for _ in range(2))
    together = torch.compile(compiled, fullgraph=True, backend="aot_eager")
    for step in range(3):
        for left, right in zip(eager(*batch(0, step, 6)), together(*batch(0, step, 6)), strict=True):
            torch.testing.assert_close(left, right)
    assert same(eager.state_dict(), compiled.state_dict())
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
    torch._dynamo.reset()
