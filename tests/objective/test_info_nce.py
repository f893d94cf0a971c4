import math

import pytest
import torch
from torch.nn.functional import log_softmax

from sim_study.objective.info_nce import info_nce


def readable_info_nce(context, latents, predictor, permutations, begin):
    """The definition, step by step, with every negative copied out."""
    window = latents[:, begin : begin + context.shape[1]]
    flat = latents.flatten(0, 1)
    losses = []
    for k, weight in enumerate(predictor.split(latents.shape[2]), start=1):
        predictions = (context[:, :-k] @ weight.T).flatten(0, 1)  # (N, C)
        positives = window[:, k:].flatten(0, 1)  # (N, C)
        rows = len(predictions)
        scores = [(predictions * positives).sum(1)]
        scores += [(predictions * flat[draw[-rows:]]).sum(1) for draw in permutations]
        losses.append(-log_softmax(torch.stack(scores, dim=1), dim=1)[:, 0].mean())
    return torch.stack(losses).mean()


def inputs(batch, frames, window, channels, context_channels, steps, negatives):
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        values = torch.randn(*shape, generator=generator, dtype=torch.float64)
        return values.requires_grad_()

    draws = [torch.randperm(batch * frames, generator=generator) for _ in range(negatives)]
    return (
        normal(batch, window, context_channels),
        normal(batch, frames, channels),
        normal(steps * channels, context_channels),
        torch.stack(draws),
    )


@pytest.mark.parametrize(
    ("batch", "frames", "window", "begin"),
    [(3, 20, 20, 0), (3, 20, 9, 4), (1, 12, 12, 0), (2, 40, 6, 34)],
)
def test_value_and_gradients_equal_the_definition(batch, frames, window, begin):
    *leaves, draws = inputs(
        batch, frames, window, channels=4, context_channels=3, steps=5, negatives=6
    )
    fast = info_nce(*leaves, draws, begin)
    slow = readable_info_nce(*leaves, draws, begin)
    torch.testing.assert_close(fast, slow, rtol=1e-12, atol=0)
    for ours, theirs in zip(
        torch.autograd.grad(3 * fast, leaves), torch.autograd.grad(3 * slow, leaves), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-14)


def test_gradients_add_up_where_context_and_latents_are_one_tensor():
    _, latents, _, draws = inputs(2, 15, 15, 4, 4, 3, 5)
    predictor = torch.randn(12, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    window = latents[:, 2:12]
    (fast,) = torch.autograd.grad(info_nce(window, latents, predictor, draws, 2), latents)
    (slow,) = torch.autograd.grad(readable_info_nce(window, latents, predictor, draws, 2), latents)
    torch.testing.assert_close(fast, slow, rtol=1e-10, atol=1e-14)


def test_detached_latents_get_no_gradient():
    context, latents, predictor, draws = inputs(2, 15, 15, 4, 3, 3, 5)
    info_nce(context, latents.detach(), predictor, draws).backward()
    assert latents.grad is None
    assert context.grad is not None


def test_equal_latents_cannot_be_told_apart():
    context, latents, predictor, draws = inputs(2, 15, 15, 4, 3, 3, negatives=10)
    loss = info_nce(context, torch.ones_like(latents), predictor, draws)
    assert loss.item() == pytest.approx(math.log(11), rel=1e-12)


def test_a_right_guess_has_no_loss_and_a_wrong_one_has_much():
    """One clip is constantly +20, the other -20; each row's negative is the other clip."""
    latents = torch.full((2, 8, 1), 20.0)
    latents[1] = -20.0
    predictor = torch.ones(1, 1)
    opposites = torch.tensor([8] * 7 + [0] * 7)  # a frame of the other clip for each of 14 rows
    draw = torch.cat([torch.tensor([0, 0]), opposites])[None]  # only the last 14 are used
    assert info_nce(latents, latents, predictor, draw).item() < 1e-12
    assert info_nce(latents, latents, -predictor, draw).item() > 100


def test_a_window_too_short_for_the_farthest_step_is_refused():
    context, latents, predictor, draws = inputs(2, 15, 3, 4, 3, 3, 5)
    with pytest.raises(ValueError, match="3 frames are too few to predict 3 frames ahead"):
        info_nce(context, latents, predictor, draws)
