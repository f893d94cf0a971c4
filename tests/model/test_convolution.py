import pytest
import torch
from torch.nn.functional import conv1d

from sim_study.model.convolution import convolve


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("channels_in", "channels", "kernel", "stride", "padding"),
    [(1, 8, 10, 5, 2), (8, 8, 8, 4, 2), (3, 5, 4, 2, 1), (5, 1, 3, 1, 0), (1, 1, 1, 1, 0)],
)
def test_value_and_gradients_equal_the_librarys(
    dtype, channels_in, channels, kernel, stride, padding
):
    generator = torch.Generator().manual_seed(0)
    x, weight, bias = (
        torch.randn(shape, generator=generator, dtype=dtype).requires_grad_()
        for shape in ((3, channels_in, 53), (channels, channels_in, kernel), (channels,))
    )
    ours = convolve(x, weight, bias, stride, padding)
    theirs = conv1d(x, weight, bias, stride=stride, padding=padding)
    torch.testing.assert_close(ours, theirs)
    assert ours.transpose(1, 2).is_contiguous()
    slopes = torch.randn(theirs.shape, generator=generator, dtype=dtype)
    for mine, library in zip(
        torch.autograd.grad(ours, (x, weight, bias), slopes),
        torch.autograd.grad(theirs, (x, weight, bias), slopes),
        strict=True,
    ):
        torch.testing.assert_close(mine, library, rtol=1e-4, atol=1e-4)
