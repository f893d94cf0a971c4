"""Cross-entropy of a linear head on labels, some of which may be missing."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

UNLABELLED = -1
"""In the place of a class: nobody says which one it is."""


def cross_entropy(scores: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return the loss of some scores and how often the highest is the label's.

    Args:
        scores: (row, class).
        labels: (row,) int64; UNLABELLED rows do not count.

    Returns:
        Mean over labelled rows of -log softmax(score)[label], in nats, and the fraction 0-1 of
        them that is right; both 0, without a gradient, where no row has a label.
    """
    known = labels != UNLABELLED
    count = known.sum().clamp(min=1)
    total = functional.cross_entropy(scores, labels, ignore_index=UNLABELLED, reduction="sum")
    right = ((scores.detach().argmax(dim=1) == labels) & known).sum()
    return total / count, right.to(scores.dtype) / count
