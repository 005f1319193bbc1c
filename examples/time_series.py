"""Time series: find a rare fault in series of several channels and unequal lengths, made by this script.

    python examples/time_series.py --config configs/time_series.yaml

A machine has three channels: vibration, temperature, current. Every series is noise with memory around a
load that swings. Harmless are a burst of vibration (a knock) or a slow rise of temperature (a warm hall),
each alone, and the rise before the burst. The fault is a burst and then the rise: neither one step nor one
channel shows it.

EmbeddingSMOTE mixes the embeddings of all steps, with a mask of those that lie in the series, or (``--mix
pooled``) the one embedding of each series.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from compare_heads import Part, Task, Training, compare, read
from scipy.signal import lfilter
from torch import Tensor, nn

from torchsmote.cli import exit_status
from torchsmote.datasets import split_by_group

CHANNELS = ("vibration", "temperature", "current")
CLASSES = ("harmless", "fault")
EVENTS = {"harmless": ("", "burst", "rise", "rise burst"), "fault": ("burst rise",)}
WORDS = {"steps": "the embeddings of all steps", "pooled": "one embedding of each series"}
LENGTHS = (40, 64)  # steps of a series, fewest and most
DURATION = {"burst": 6, "rise": 24}  # steps


@dataclass(frozen=True)
class Settings(Training):
    """Everything that decides the figures.

    Args:
        series: How many are made.
        faults: How many of them are faults, at least 5: each part needs some.
        noise: Standard deviation of the noise; a burst and a rise are about 1.5 high.
        mix: Where EmbeddingSMOTE mixes: "steps", the embeddings of all steps, before they are pooled; or
            "pooled", the one embedding of a series.
        width: Channels of the convolutions.
    """

    series: int = 3000
    faults: int = 120
    noise: float = 0.5
    mix: Literal["steps", "pooled"] = "steps"
    width: int = 16
    steps: int = 400
    batch_size: int = 64
    learning_rate: float = 0.01
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 5 <= self.faults <= self.series / 2:
            raise ValueError(f"`faults` must be in [5, series / 2], got {self.faults}")


def make_series(n: int, faults: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Series (n, 64, 3) float32, 0 after their end; lengths int64 (n,); classes int64 (n,), 1 for a fault.

    Every channel of a series is noise with memory (an autoregression of 0.6) and a share of one load that
    swings. Events of its class lie in it at random places, one after the other, of random height.
    """
    rng = np.random.default_rng(seed)
    target = rng.permutation(np.arange(n) < faults).astype(np.int64)
    lengths = rng.integers(LENGTHS[0], LENGTHS[1], n, endpoint=True)
    series = np.zeros((n, LENGTHS[1], len(CHANNELS)), np.float32)
    for row, length in enumerate(lengths):
        load = np.sin(np.arange(length) * rng.uniform(0.1, 0.4) + rng.uniform(0, 2 * np.pi))
        drawn = lfilter([1], [1, -0.6], rng.standard_normal((length, len(CHANNELS))), axis=0)
        found = noise * 0.8 * drawn + rng.uniform(0, 0.5, len(CHANNELS)) * load[:, None]
        add_events(found, rng.choice(EVENTS[CLASSES[target[row]]]).split(), rng)
        series[row, :length] = found
    return series, lengths, target


def add_events(series: np.ndarray, events: list[str], rng: np.random.Generator) -> None:
    """Add events to one series, in their order, at random places where they do not overlap."""
    durations = [DURATION[event] for event in events]
    slack = rng.integers(0, len(series) - sum(durations), len(events), endpoint=True)
    starts = np.sort(slack) + np.cumsum([0, *durations[:-1]])
    for event, start in zip(events, starts, strict=True):
        height, steps = 1.5 * rng.lognormal(0, 0.4), np.arange(DURATION[event])
        if event == "burst":  # to and fro, in the vibration
            series[start : start + len(steps), 0] += height * (-1.0) ** steps
        else:  # up and down again, in the temperature
            series[start : start + len(steps), 1] += height * np.sin(np.pi * steps / len(steps))


class Convolutions(nn.Module):
    """Embeddings of every fourth step, (b, t, width), and which of them lie in the series, (b, t)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(len(CHANNELS), width, 7, stride=4, padding=3)
        self.others = nn.ModuleList(
            nn.Conv1d(width, width, 5, dilation=gap, padding=2 * gap) for gap in (1, 2)
        )

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Series (b, t, channels) and their lengths (b,)."""
        h = self.first(x.transpose(1, 2)).relu()
        for layer in self.others:
            h = h + layer(h).relu()
        mask = torch.arange(0, x.shape[1], 4) < lengths.unsqueeze(1)
        return h.transpose(1, 2), mask


class Pool(nn.Module):
    """One embedding of a series: the mean of its steps, weighed by attention, (b, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, h: Tensor, mask: Tensor) -> Tensor:
        """Steps (b, t, width), and which of them count (b, t)."""
        weights = self.score(h).squeeze(2).masked_fill(~mask, -torch.inf).softmax(1)
        return torch.einsum("bt,btd->bd", weights, h)


class Chain(nn.Module):
    """Two modules, the second fed with what the first returns: one tensor or several."""

    def __init__(self, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, *inputs: Tensor) -> Tensor:
        """What the second returns."""
        found = self.first(*inputs)
        return self.second(*found) if isinstance(found, tuple) else self.second(found)


def compare_series(settings: Settings) -> str:
    """Make the series, train on them; the table as text."""
    made = make_series(settings.series, settings.faults, settings.noise, settings.first_seed)
    series, lengths, target = (torch.from_numpy(array) for array in made)

    def split(seed: int) -> tuple[Part, Part, Part]:
        train, validation, test = (
            Part((series[rows], lengths[rows]), target[rows]) for rows in split_by_group(made[2], seed=seed)
        )
        return train, validation, test

    def network(train: Part) -> tuple[nn.Module, nn.Module]:
        steps, pool = Convolutions(settings.width), Pool(settings.width)
        last = nn.Linear(settings.width, len(CLASSES))
        return (steps, Chain(pool, last)) if settings.mix == "steps" else (Chain(steps, pool), last)

    return compare(Task(CLASSES, split, network), settings)


def main() -> int:
    """Read the settings, make the series, train, print."""
    settings = read(Settings, "Find a rare fault in series of several channels.")
    print(
        f"{settings.series:,} series, {settings.faults:,} with the fault; {LENGTHS[0]} to {LENGTHS[1]} steps "
        f"of {', '.join(CHANNELS)}\nEmbeddingSMOTE mixes {WORDS[settings.mix]}\n"
    )
    print(compare_series(settings))
    return 0


if __name__ == "__main__":
    sys.exit(exit_status("python examples/time_series.py", main))
