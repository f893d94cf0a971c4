import pytest
import torch

from sim_study.config.geometry import conv_frames, layer_frames, module_frames, module_layers
from sim_study.config.model import ModelConfig


def test_a_word_gives_the_frames_of_the_paper():
    model = ModelConfig()
    assert layer_frames(model, 10_240) == (2047, 511, 256, 129, 64)
    assert module_frames(model, 10_240) == {
        "module_0": 511,
        "module_1": 129,
        "module_2": 64,
        "context": 64,
    }


@pytest.mark.parametrize("modules", [1, 2, 3, 4, 5])
def test_every_module_count_covers_the_stack_once(modules):
    ranges = module_layers(ModelConfig(modules=modules))
    assert len(ranges) == modules
    assert [layer for layers in ranges for layer in layers] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("frames", "kernel", "stride", "padding"), [(10, 10, 5, 2), (37, 4, 2, 1), (8, 8, 4, 0)]
)
def test_frames_are_those_of_a_convolution(frames, kernel, stride, padding):
    conv = torch.nn.Conv1d(1, 1, kernel, stride=stride, padding=padding)
    assert conv(torch.zeros(1, 1, frames)).shape[2] == conv_frames(frames, kernel, stride, padding)


def test_a_clip_shorter_than_the_kernel_gives_no_frame():
    assert conv_frames(3, kernel=10, stride=5, padding=0) == 0
