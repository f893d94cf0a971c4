import numpy as np

from sim_study.downstream.probe_weights import rescale_weights


def test_each_label_spans_minus_one_to_one():
    weight = np.array([[0.0, 1.0, 2.0], [10.0, -30.0, 50.0]])
    np.testing.assert_allclose(rescale_weights(weight), [[-1, 0], [0, -1], [1, 1]], atol=1e-15)


def test_equal_weights_become_zero():
    assert np.array_equal(rescale_weights(np.full((1, 4), 0.3)), np.zeros((4, 1)))
