"""The picture of rows in two dimensions, as a chart of a page."""

from __future__ import annotations

from collections.abc import Sequence

from ..picture import Picture
from .charts import Dots, scatter_chart
from .page import Figure

__all__ = ["picture_figure"]

_MOST = 5  # classes with a colour of their own
_MADE_ALONE = 5  # colour of synthetic rows where one class grows: another than that of its real rows


def picture_figure(picture: Picture, rarest: Sequence[str]) -> Figure:
    """Rows as dots, synthetic ones as crosses; the rarest classes in colours before all others in grey.

    Args:
        picture: What to draw.
        rarest: Classes, the rarest first; the largest may be among them, and stays grey.
    """
    found = set(picture.labels)
    own = [name for name in rarest if name in found][: min(_MOST, max(len(found) - 1, 1))]
    alone = len(own) == 1
    others = [name for name in sorted(found) if name not in own]
    kinds = [_dots(picture, others, None, made=made) for made in (False, True)]
    for made in (True, False):
        for place, name in reversed(list(enumerate(own))):
            color = _MADE_ALONE if made and alone else place
            kinds.append(_dots(picture, [name], color, made=made))
    kinds = [kind for kind in kinds if len(kind.x)]
    counts = "; ".join(f"{kind.name}: {len(kind.x):,} points" for kind in kinds)
    first, second = picture.explained
    note = f" {picture.note[0].upper()}{picture.note[1:]}." if picture.note else ""
    return scatter_chart(
        kinds,
        across=f"first principal component ({first:.0%} of the variance)",
        up=f"second ({second:.0%})",
        alt=(
            f"Scatter plot of the first two principal components, which hold {first:.0%} and {second:.0%} of "
            f"the variance. {counts}."
        ),
        caption=f"{picture.title}. Two directions hold {first + second:.0%} of the variance: what overlaps "
        f"here may be apart in others.{note}",
    )


def _dots(picture: Picture, names: Sequence[str], color: int | None, *, made: bool) -> Dots:
    rows = [
        (x, y)
        for x, y, label, synthetic in zip(
            picture.x, picture.y, picture.labels, picture.synthetic, strict=True
        )
        if synthetic == made and label in names
    ]
    kind = names[0] if len(names) == 1 else f"{len(names)} others"
    return Dots(
        f"{kind}, synthetic" if made else kind, [x for x, _ in rows], [y for _, y in rows], color, made
    )
