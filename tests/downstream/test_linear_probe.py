import numpy as np
import pytest
import torch

from sim_study.config.probe import ProbeConfig
from sim_study.downstream.probes.linear_maps import cross_entropy_gradient
from sim_study.downstream.probes.linear_probe import (
    ProbeFit,
    accuracy,
    cross_entropy,
    fit_linear_probe,
    fit_probes,
    logits,
    majority_accuracy,
)

QUICK = ProbeConfig(epochs=40, learning_rate=0.02)


def clusters(seed: int, clips: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Three classes, far apart."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, clips)
    centres = np.array([[4, 0, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0]], dtype=np.float32)
    features = centres[labels] + 0.3 * random.standard_normal((clips, 4), dtype=np.float32)
    return features, labels


def fit(config: ProbeConfig = QUICK, *, bias: bool = True, seed: int = 0) -> ProbeFit:
    return fit_linear_probe(*clusters(1), *clusters(2), 3, config, bias=bias, seed=seed)


@pytest.mark.parametrize("bias", [True, False])
def test_separable_classes_are_separated(bias):
    found = fit(bias=bias)
    assert found.accuracy == 1.0
    assert found.train_accuracy == 1.0
    assert found.weight.shape == (3, 4)


def test_shuffled_labels_stay_near_chance():
    random = np.random.default_rng(0)
    (train_x, train_y), (test_x, test_y) = clusters(1), clusters(2)
    shuffled = (train_x, random.permutation(train_y), test_x, random.permutation(test_y))
    found = fit_linear_probe(*shuffled, 3, QUICK, bias=True, seed=0)
    assert found.accuracy == pytest.approx(1 / 3, abs=0.08)
    assert found.train_accuracy < 0.45


def test_same_seed_same_probe_other_seed_another():
    assert np.array_equal(fit(seed=3).weight, fit(seed=3).weight)
    assert not np.array_equal(fit(seed=3).weight, fit(seed=4).weight)


def test_without_bias_there_is_none():
    assert np.array_equal(fit(bias=False).bias, np.zeros(3))
    assert np.all(fit(bias=True).bias != 0)


def test_bias_is_needed_for_classes_on_one_ray():
    """Two classes in the same direction from the origin differ in length only."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 400)
    features = (1.0 + labels[:, None] + 0.1 * random.standard_normal((400, 1))).astype(np.float32)
    config = ProbeConfig(epochs=200, learning_rate=0.05)
    split = (features[:300], labels[:300], features[300:], labels[300:])
    assert fit_linear_probe(*split, 2, config, bias=True, seed=0).accuracy > 0.95
    assert fit_linear_probe(*split, 2, config, bias=False, seed=0).accuracy < 0.7


def test_gradient_is_autograds():
    random = np.random.default_rng(0)
    weight, inputs = random.standard_normal((3, 5)), random.standard_normal((7, 5))
    labels = random.integers(0, 3, 7)
    tensor = torch.tensor(weight, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(torch.tensor(inputs) @ tensor.T, torch.tensor(labels))
    loss.backward()
    ours = cross_entropy_gradient(weight.T[:, None], inputs, np.eye(3)[labels][:, None])
    np.testing.assert_allclose(ours[:, 0].T, tensor.grad.numpy(), rtol=1e-12)
    assert cross_entropy(inputs @ weight.T, labels) == pytest.approx(loss.item(), rel=1e-12)


@pytest.mark.parametrize("clip", [None, 0.1])
def test_training_is_torchs_adam(clip):
    """One full batch an epoch, so that the order of clips does not matter."""
    train_x, train_y = (array[:60] for array in clusters(1))
    train_x = train_x.astype(np.float64)
    config = ProbeConfig(epochs=30, batch_size=60, learning_rate=0.01, gradient_clip=clip)
    found = fit_linear_probe(train_x, train_y, train_x, train_y, 3, config, bias=True, seed=5)

    linear = torch.nn.Linear(4, 3, dtype=torch.float64)
    start = np.random.default_rng(5).uniform(-0.5, 0.5, (3, 5))  # 0.5 = 1 / sqrt(4 dims)
    linear.weight.data = torch.tensor(start[:, :4])
    linear.bias.data = torch.tensor(start[:, 4])
    adam = torch.optim.Adam(linear.parameters(), lr=0.01)
    for _ in range(30):
        adam.zero_grad()
        scores = linear(torch.tensor(train_x))
        torch.nn.functional.cross_entropy(scores, torch.tensor(train_y)).backward()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(linear.parameters(), clip)
        adam.step()
    np.testing.assert_allclose(found.weight, linear.weight.detach().numpy(), rtol=1e-9)
    np.testing.assert_allclose(found.bias, linear.bias.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("clip", [None, 0.05])
def test_probes_side_by_side_do_not_touch_each_other(bias, clip):
    features, labels = clusters(1)
    config = ProbeConfig(epochs=3, gradient_clip=clip)
    both = np.stack([labels, np.random.default_rng(0).permutation(labels)])
    weight, biases = fit_probes(features, both, 3, config, bias=bias, seed=4)
    twins, _ = fit_probes(features, np.stack([labels, labels]), 3, config, bias=bias, seed=4)
    assert weight.shape == (2, 3, 4)
    assert weight.dtype == features.dtype
    assert np.array_equal(weight[0], twins[0])
    assert not np.allclose(weight[1], twins[1])
    assert not np.allclose(twins[0], twins[1])  # each has a start of its own
    assert (biases is not None) == bias
    assert biases is None or biases.shape == (2, 3)


def test_the_majority_is_the_training_splits():
    assert majority_accuracy(np.array([2, 0, 2]), np.array([0, 0, 2, 1])) == 0.25


def test_uniform_scores_cost_log_of_the_classes():
    labels = np.array([0, 4, 8])
    scores = logits(np.ones((3, 2)), np.zeros((9, 2)), np.zeros(9))
    assert cross_entropy(scores, labels) == pytest.approx(np.log(9), rel=1e-15)
    assert accuracy(scores, labels) == pytest.approx(1 / 3)  # of equals, the first class


def test_candidates_are_what_each_rate_alone_would_be():
    features, labels = clusters(1)
    config = ProbeConfig(epochs=3, learning_rates=(1e-4, 0.02))
    rates = config.learning_rates
    weights, biases = fit_probes(features, labels[None], 3, config, bias=True, seed=4, rates=rates)
    for number, rate in enumerate(config.learning_rates):
        alone = config.model_copy(update={"learning_rate": rate})
        weight, bias = fit_probes(features, labels[None], 3, alone, bias=True, seed=4)
        np.testing.assert_allclose(weights[number], weight[0], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(biases[number], bias[0], rtol=1e-5, atol=1e-7)
