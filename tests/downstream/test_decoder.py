import pytest
import torch

from sim_study.config.geometry import layer_frames
from sim_study.config.model import ModelConfig
from sim_study.downstream.decoders.decoder import Decoder, build_decoder, decoder_geometry

WORD_SAMPLES = 10_240
SYLLABLE_SAMPLES = 8_821


def lists(layers: int) -> tuple[list[int], ...]:
    geometry = decoder_geometry(ModelConfig(), layers, WORD_SAMPLES)
    return (
        [layer.kernel for layer in geometry],
        [layer.stride for layer in geometry],
        [layer.padding for layer in geometry],
        [layer.output_padding for layer in geometry],
    )


def test_published_geometry_below_five_layers():
    assert lists(5) == ([4, 4, 4, 8, 10], [2, 2, 2, 4, 5], [1, 2, 2, 2, 2], [1, 0, 1, 3, 4])


def test_published_geometry_below_four_layers():
    assert lists(4) == ([4, 4, 8, 10], [2, 2, 4, 5], [2, 2, 2, 2], [0, 1, 3, 4])


def test_published_geometry_below_two_layers():
    assert lists(2) == (
        [8, 3, 3, 10, 3, 3],
        [4, 1, 1, 5, 1, 1],
        [2, 1, 1, 2, 1, 1],
        [3, 0, 0, 4, 0, 0],
    )


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 5])
def test_output_has_the_clips_length(layers):
    """Every remainder of the encoder's stride of 160, and clips of one frame."""
    model = ModelConfig(channels=1)
    shortest = next(samples for samples in range(999) if layer_frames(model, samples)[-1])
    lengths = (shortest, shortest + 1, WORD_SAMPLES, SYLLABLE_SAMPLES, 20_480, *range(1000, 1161))
    for samples in lengths:
        frames = layer_frames(model, samples)[layers - 1]
        decoded = Decoder(model, layers, samples)(torch.zeros(2, 1, frames))
        assert decoded.shape == (2, 1, samples)


def test_output_of_another_stack_has_the_clips_length():
    model = ModelConfig(
        channels=2, split=(1, 2), kernel_sizes=(7, 5, 3), strides=(3, 3, 2), paddings=(0, 1, 2)
    )
    for layers, frames in enumerate(layer_frames(model, 1001), start=1):
        assert Decoder(model, layers, 1001)(torch.zeros(1, 2, frames)).shape == (1, 1, 1001)


def test_relu_is_between_layers_only():
    decoder = build_decoder(ModelConfig(channels=4), 5, WORD_SAMPLES, seed=0)
    kinds = [type(part).__name__ for part in decoder.decoder]
    assert kinds == ["PhaseConvTranspose", "ReLU"] * 4 + ["PhaseConvTranspose"]


def test_seed_decides_the_weights():
    def weights(seed: int) -> torch.Tensor:
        return build_decoder(ModelConfig(channels=4), 5, WORD_SAMPLES, seed).decoder[0].weight

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))
