import pytest
import torch
from torch.nn import functional

from sim_study.downstream.decoders import transposed_convolution as module
from sim_study.downstream.decoders.transposed_convolution import PhaseConvTranspose

GEOMETRIES = [
    (4, 2, 1, 1),  # kernel, stride, padding, output padding: the mirrored stack ...
    (4, 2, 2, 0),
    (8, 4, 2, 3),
    (10, 5, 2, 4),
    (3, 1, 1, 0),  # ... the smoothing layers ...
    (5, 3, 0, 2),  # ... and kernels that no stride divides
    (2, 3, 0, 0),
    (1, 1, 0, 0),
]


@pytest.mark.parametrize("frames", [2, 7])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_value_and_gradients_are_pytorchs(geometry, channels, frames):
    kernel, stride, padding, output_padding = geometry
    torch.manual_seed(0)
    layer = PhaseConvTranspose(
        4, channels, kernel, stride=stride, padding=padding, output_padding=output_padding
    ).double()
    x = torch.randn(2, frames, 4, dtype=torch.float64).transpose(1, 2).requires_grad_()
    ours = layer(x)
    theirs = functional.conv_transpose1d(
        x, layer.weight, layer.bias, stride, padding, output_padding
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    slopes = torch.randn_like(theirs)
    inputs = (x, layer.weight, layer.bias)
    found, expected = (torch.autograd.grad(y, inputs, slopes) for y in (ours, theirs))
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_no_gradient_is_computed_for_frozen_latents():
    layer = PhaseConvTranspose(2, 1, 4, stride=2)
    layer(torch.randn(1, 2, 3)).sum().backward()
    assert layer.weight.grad is not None


@pytest.mark.parametrize(("trains", "by_phase"), [(True, [0]), (False, [0, 1])])
def test_a_layer_that_is_wide_is_trained_with_pytorchs_own(monkeypatch, trains, by_phase):
    """Which code runs is told by what it calls, not by its speed."""
    calls = []
    monkeypatch.setattr(
        module, "convolve_phases", lambda x, *_: calls.append(x.shape[1]) or torch.zeros(1)
    )
    for extra in (0, 1):
        channels = module.WIDEST_TRAINED_CHANNELS + extra
        with torch.set_grad_enabled(trains):
            PhaseConvTranspose(channels, 1, 4, stride=2)(torch.zeros(1, channels, 3))
    assert [channels - module.WIDEST_TRAINED_CHANNELS for channels in calls] == by_phase
