import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sim_study.downstream.logistic import fit_logistic


def blobs(classes: int, clips: int = 300, dims: int = 5) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, clips) * 2  # 0, 2, ...: not 0, 1, ...
    features = random.standard_normal((classes * 2, dims))[labels]
    return features + random.standard_normal((clips, dims)), labels


@pytest.mark.parametrize("inverse_penalty", [0.1, 10.0])
@pytest.mark.parametrize("classes", [2, 3, 9])
def test_weights_and_accuracy_are_scikit_learns(classes, inverse_penalty):
    features, labels = blobs(classes)
    ours = fit_logistic(
        features, labels, inverse_penalty=inverse_penalty, tolerance=1e-9, iterations=5000
    )
    theirs = LogisticRegression(C=inverse_penalty, tol=1e-9, max_iter=5000).fit(features, labels)
    weight, bias = ours.weight, ours.bias
    if classes == 2:  # scikit-learn keeps the difference
        weight, bias = np.diff(weight, axis=0), np.diff(bias)
    np.testing.assert_allclose(weight, theirs.coef_, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(bias, theirs.intercept_, rtol=1e-4, atol=1e-5)
    assert ours.accuracy(features, labels) == theirs.score(features, labels)
    assert ours.classes.tolist() == sorted(set(labels))


def test_it_stops_where_scikit_learn_stops():
    """Under a loose tolerance the weights are those of the same iteration."""
    features, labels = blobs(3)
    ours = fit_logistic(features, labels, inverse_penalty=1, tolerance=1e-2, iterations=1000)
    theirs = LogisticRegression(tol=1e-2, max_iter=1000).fit(features, labels)
    np.testing.assert_allclose(ours.weight, theirs.coef_, rtol=1e-9)
    converged = fit_logistic(features, labels, inverse_penalty=1, tolerance=1e-9, iterations=1000)
    assert not np.allclose(ours.weight, converged.weight, rtol=1e-3)
