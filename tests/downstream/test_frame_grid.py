import numpy as np
import pytest

from sim_study.config.geometry import module_frames
from sim_study.config.model import ModelConfig
from sim_study.downstream.codes.frame_grid import FrameGrid, frame_grids


def receptive_centre(model: ModelConfig, layers: int, frame: int) -> float:
    """The sample in the middle of what a frame sees, straight from kernels and strides."""
    first, last = frame, frame
    shapes = list(zip(model.kernel_sizes, model.strides, model.paddings, strict=True))
    for kernel, stride, padding in reversed(shapes[:layers]):
        first, last = first * stride - padding, last * stride - padding + kernel - 1
    return (first + last) / 2


def test_ten_milliseconds_are_eight_two_and_one_frame_of_the_default_modules():
    grids = frame_grids(ModelConfig())
    assert {layer: grid.step for layer, grid in grids.items()} == {
        "module_0": 8,
        "module_1": 2,
        "module_2": 1,
        "context": 1,
    }
    assert grids["module_0"].around(np.array([0, 1, 63]), 511).tolist() == [
        [0, 0, 0, 0, 1, 2, 3, 4],  # the first frame stands for three that are not there
        [5, 6, 7, 8, 9, 10, 11, 12],
        [501, 502, 503, 504, 505, 506, 507, 508],
    ]
    assert grids["module_1"].around(np.array([0, 63]), 129).tolist() == [[0, 1], [126, 127]]
    assert grids["module_2"].around(np.array([0, 63]), 64).tolist() == [[0], [63]]


@pytest.mark.parametrize("modules", [3, 5])
def test_frames_of_a_layer_lie_around_the_centre_of_the_last_layer_s(modules):
    model = ModelConfig(modules=modules)
    for number, layers in enumerate(np.cumsum(model.layers_per_module)):
        grid = frame_grids(model)[f"module_{number}"]
        around = grid.around(np.array([20]), module_frames(model, 10_240)[f"module_{number}"])
        centres = [receptive_centre(model, int(layers), frame) for frame in around[0]]
        assert np.mean(centres) == receptive_centre(model, 5, 20)
        assert np.ptp(centres) < 160


def test_the_nearest_frame_is_one_in_the_middle_of_those_around():
    frames = np.arange(64)
    for grid in frame_grids(ModelConfig(modules=5)).values():
        length = 64 * grid.step
        nearest = grid.nearest(frames, length)
        assert np.array_equal(nearest, grid.around(frames, length)[:, (grid.step - 1) // 2])
    assert FrameGrid(1, 0.0).nearest(frames, 64).tolist() == frames.tolist()
