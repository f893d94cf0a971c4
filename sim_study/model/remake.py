"""Making a cheap activation again in the backward pass instead of keeping it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def remade_in_backward(
    first: Callable[[Tensor], Tensor], rest: Callable[[Tensor], Tensor], x: Tensor
) -> Tensor:
    """Return rest(first(x)); backward computes first(x) anew where it needs it.

    Samples outnumber the first layer's input channels, so its output is the largest activation of
    the whole encoder and its product one of the smallest. In between, the loss needs the room.

    Args:
        first: Deterministic, and without side effects.
        rest: What follows.
        x: Kept until backward.
    """
    kind = x.device.type
    cast = torch.autocast(kind, torch.get_autocast_dtype(kind), torch.is_autocast_enabled(kind))
    kept: list[_Kept] = []

    def pack(tensor: Tensor) -> _Kept:
        kept.append(_Kept(tensor))
        return kept[-1]

    made_again: list[Tensor] = []

    def unpack(one: _Kept) -> Tensor:
        if one.tensor is not None:
            return one.tensor
        if not made_again:
            with torch.no_grad(), cast:
                made_again.append(first(x))
        return made_again[0].as_strided(*one.layout)

    with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
        middle = first(x)
        y = rest(middle)
    for one in kept:
        one.forget(middle)
    return y


class _Kept:
    """A tensor that autograd has asked to keep, or where it lay in one that is made again."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor: Tensor | None = tensor
        self.layout = (tensor.shape, tensor.stride(), tensor.storage_offset())

    def forget(self, whole: Tensor) -> None:
        """Let go of the tensor if it is `whole` or a view of it."""
        kept = self.tensor
        if kept is not None and kept.untyped_storage()._cdata == whole.untyped_storage()._cdata:
            self.tensor = None
