import math

import pytest
import torch

from sim_study.train.divergence import READ_STEPS, Diverged, StepMeans


def terms(nce, kl=0.0):
    return {"nce/module_0": torch.tensor(nce), "kl/module_1": torch.tensor(kl)}


@pytest.mark.parametrize("steps", [1, READ_STEPS - 1, READ_STEPS, 2 * READ_STEPS + 1])
def test_means_are_over_all_steps(steps):
    means = StepMeans(1)
    for step in range(steps):
        means.add(terms(float(step), 2.0))
    assert means.steps == steps
    assert means.close() == {"nce/module_0": (steps - 1) / 2, "kl/module_1": 2.0}


def test_the_first_broken_number_is_named_with_its_step():
    means = StepMeans(7)
    means.add(terms(1.0))
    means.add(terms(1.0, math.inf))
    means.add(terms(math.nan))
    with pytest.raises(Diverged, match="the loss of module_1 became inf in epoch 7, step 2"):
        means.close()


def test_a_long_epoch_is_not_trained_to_its_end():
    means = StepMeans(1)
    for _ in range(READ_STEPS - 1):
        means.add(terms(math.nan))
    with pytest.raises(Diverged, match=r"step 1$"):
        means.add(terms(math.nan))
