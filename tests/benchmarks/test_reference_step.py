"""The reference computes what our step computes, or the comparison of speeds is void."""

import pytest
import torch

from benchmarks.reference_step import reference_losses
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.train.state import make_optimizers
from sim_study.train.step import train_step
from sim_study.train.streams import ModuleStreams


class WholeLength:
    """Draws that are the same for both: noise of full length, of which ours uses the window."""

    def __init__(self, layer):
        self._streams = ModuleStreams(0, layer, 1, "cpu")
        self.begin, self.permutations = self._streams.begin, self._streams.permutations

    def noise(self, like, window):
        return self._streams.noise(like, slice(None))[:, window].clone()


@pytest.mark.parametrize("method", ["sim", "gim", "cpc"])
def test_losses_and_gradients_are_those_of_our_step(method):
    config = EncoderConfig(
        method=method,
        model=ModelConfig(channels=4, context_channels=3),
        objective=ObjectiveConfig(prediction_steps=3, negatives=4, window_frames=12),
        train=TrainConfig(),
        online_probe=OnlineProbeConfig(),
    )
    generator = torch.Generator().manual_seed(0)
    audio = torch.rand(3, 1, 3200, generator=generator, dtype=torch.float64) - 0.5
    ours, theirs = (build_encoder(config, 0, dtype=torch.float64) for _ in range(2))
    layers = ours.layer_names
    terms = train_step(
        ours, audio, make_optimizers(ours, 1e-9), {layer: WholeLength(layer) for layer in layers}
    )
    losses = reference_losses(theirs, audio, {layer: WholeLength(layer) for layer in layers})
    torch.stack(losses).sum().backward()
    expected = torch.stack([terms[key] for key in terms if key.startswith("loss/")])
    torch.testing.assert_close(torch.stack(losses), expected, rtol=1e-12, atol=0)
    for (name, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        if a.grad is None:
            assert b.grad is None, name
        else:
            torch.testing.assert_close(a.grad, b.grad, rtol=1e-9, atol=1e-13)
