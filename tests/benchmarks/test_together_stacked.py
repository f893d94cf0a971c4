import pytest
import torch

from benchmarks.together_stacked import StackedSeeds
from sim_study.config.model import ModelConfig
from sim_study.config.objective import ObjectiveConfig
from sim_study.config.train import OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.model.encoder import build_encoder
from sim_study.train.state import make_optimizers
from sim_study.train.step import train_step
from sim_study.train.streams import ModuleStreams


def streams(config, seed):
    layers = config.model.layer_names
    return {layer: ModuleStreams(seed, layer, 1, "cpu") for layer in layers}


@pytest.mark.parametrize("seeds", [(3,), (3, 4, 5)])
@pytest.mark.parametrize("method", ["sim", "gim"])
def test_stacked_seeds_learn_what_separate_ones_do(method, seeds):
    config = EncoderConfig(
        method=method,
        model=ModelConfig(channels=4, context_channels=3),
        objective=ObjectiveConfig(prediction_steps=2, negatives=3, window_frames=12),
        train=TrainConfig(learning_rate=1e-2),
        online_probe=OnlineProbeConfig(),
    )
    generator = torch.Generator().manual_seed(0)
    shape = (2, len(seeds), 3, 1, 3200)  # (step, S, B, 1, T)
    batches = torch.rand(shape, generator=generator, dtype=torch.float64) - 0.5

    together = StackedSeeds(config, seeds, torch.float64)
    draws = [streams(config, seed) for seed in seeds]
    stacked_losses = [together.step(audio, draws) for audio in batches]

    for index, seed in enumerate(seeds):
        encoder = build_encoder(config, seed, dtype=torch.float64)
        optimizers = make_optimizers(encoder, config.train.learning_rate)
        own_draws = streams(config, seed)
        for audio, losses in zip(batches[:, index], stacked_losses, strict=True):
            terms = train_step(encoder, audio, optimizers, own_draws)
            for layer, loss in losses[index].items():
                torch.testing.assert_close(loss, terms[f"loss/{layer}"], rtol=1e-9, atol=0)
            assert len(losses[index]) == 4
        for name, parameter in encoder.named_parameters():
            row = together.parameters[name][index]
            torch.testing.assert_close(row, parameter, rtol=1e-9, atol=1e-12, msg=name)
