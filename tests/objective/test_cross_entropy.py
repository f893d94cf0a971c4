import math

import pytest
import torch

from sim_study.objective.cross_entropy import UNLABELLED, cross_entropy


def test_certainty_costs_nothing_and_ignorance_the_logarithm_of_the_classes():
    labels = torch.tensor([0, 2])
    sure = 1e3 * torch.eye(4)[labels]
    assert [value.item() for value in cross_entropy(sure, labels)] == [0, 1]
    loss, _ = cross_entropy(torch.zeros(2, 4), labels)
    assert loss.item() == pytest.approx(math.log(4))


def test_rows_without_a_label_do_not_count():
    scores = torch.tensor([[1.0, 3.0], [0.0, 9.0], [2.0, 0.0]], requires_grad=True)
    some, accuracy = cross_entropy(scores, torch.tensor([0, UNLABELLED, 0]))
    those, expected = cross_entropy(scores[[0, 2]], torch.tensor([0, 0]))
    assert (some, accuracy) == (those, expected)
    assert accuracy == 0.5
    (gradient,) = torch.autograd.grad(some, scores)
    assert not gradient[1].any()


def test_nothing_told_is_nothing_learnt():
    scores = torch.ones(2, 3, requires_grad=True)
    loss, accuracy = cross_entropy(scores, torch.full((2,), UNLABELLED))
    assert loss == accuracy == 0
    (gradient,) = torch.autograd.grad(loss, scores)
    assert not gradient.any()
