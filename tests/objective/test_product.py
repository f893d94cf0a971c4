import pytest
import torch

from sim_study.objective.product import gradients, rows_by_weight

TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 0.02, torch.float64: 1e-13}


@pytest.fixture(params=TOLERANCE, ids=str)
def factors(request):
    generator = torch.Generator().manual_seed(0)
    shapes = ((5, 10, 6), (9, 6), (5, 10, 9))  # rows, weight, slopes
    return [torch.randn(shape, generator=generator).to(request.param) for shape in shapes]


def test_a_product_is_rows_times_the_transposed_weight(factors):
    rows, weight, _ = factors
    found, expected = rows_by_weight(rows, weight), rows.double() @ weight.double().T
    assert (found.shape, found.dtype) == ((5, 10, 9), rows.dtype)
    torch.testing.assert_close(
        found.double(), expected, rtol=TOLERANCE[rows.dtype], atol=TOLERANCE[rows.dtype]
    )


def test_gradients_are_those_of_the_product(factors):
    rows, weight, slopes = factors
    d_rows, d_weight = gradients(slopes, rows, weight)
    tolerance = {"rtol": TOLERANCE[rows.dtype], "atol": TOLERANCE[rows.dtype] * 10}
    expected = (
        slopes.double() @ weight.double(),
        slopes.double().flatten(0, 1).T @ rows.double().flatten(0, 1),
    )
    torch.testing.assert_close(d_rows.double(), expected[0], **tolerance)
    torch.testing.assert_close(d_weight.double(), expected[1], **tolerance)
