"""Estimator tags that scikit-learn and imbalanced-learn read: what a resampler accepts and keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from sklearn.utils import InputTags, Tags, TargetTags

__all__ = ["ResamplerInputTags", "ResamplerTags", "SamplerTags", "resampler_tags"]


@dataclass
class SamplerTags:
    """What a resampler offers beyond ``fit_resample``; named as in imbalanced-learn.

    Attributes:
        sample_indices: Whether it has ``sample_indices_`` once fitted.
    """

    sample_indices: bool = True


@dataclass
class ResamplerInputTags(InputTags):
    """scikit-learn's input tags and imbalanced-learn's one more.

    Attributes:
        dataframe: Whether a data frame may come in, and then comes out.
    """

    dataframe: bool = True


@dataclass
class ResamplerTags(Tags):
    """scikit-learn's tags and those of a resampler."""

    input_tags: ResamplerInputTags = field(default_factory=ResamplerInputTags)
    sampler_tags: SamplerTags = field(default_factory=SamplerTags)


def resampler_tags() -> ResamplerTags:
    """Tags of a resampler: needs y, takes dense and sparse tables and data frames."""
    tags = ResamplerTags(estimator_type="sampler", target_tags=TargetTags(required=True))
    tags.input_tags.sparse = True
    return tags
