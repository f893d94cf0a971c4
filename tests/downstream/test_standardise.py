import numpy as np

from sim_study.downstream.codes.standardise import RunningMoments, moments, standardise


def test_reference_gets_mean_0_and_variance_1():
    random = np.random.default_rng(0)
    reference = 5 + 1e-4 * random.standard_normal((200, 3))
    (found,) = standardise(reference)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.std(axis=0), 1, rtol=1e-9)


def test_others_are_moved_by_the_references_numbers():
    reference, other = np.array([[0.0], [4.0]]), np.array([[2.0], [6.0]])
    assert np.array_equal(standardise(reference, other)[1], [[0.0], [2.0]])


def test_a_constant_dimension_becomes_zero():
    constant = np.full((50, 1), 0.1, dtype=np.float32)
    jitter = constant * (1 + 1e-7 * (np.arange(50)[:, None] % 2)).astype(np.float32)
    for features in (constant, jitter, np.zeros((50, 1), np.float32)):
        assert np.array_equal(standardise(features)[0], np.zeros((50, 1)))


def test_active_is_about_rounding_and_not_about_scale():
    wiggle = np.random.default_rng(0).normal(size=100)
    codes = np.stack([np.zeros(100), np.full(100, 0.3), 1 + 1e-8 * wiggle, 1e-9 * wiggle], axis=1)
    for features in (codes, codes.astype(np.float32)):
        found = moments(features)
        assert found.varies.tolist() == [False, False, False, True]
        assert found.deviation[:3].tolist() == [0, 0, 0]
        assert found.deviation.dtype == np.float64
    np.testing.assert_allclose(moments(codes).mean, codes.mean(axis=0))


def test_moments_of_parts_are_those_of_the_whole():
    codes = np.random.default_rng(0).standard_normal((90, 4)) * [1, 1e-4, 1, 0] + [0, 1, 100, 7]
    running = RunningMoments()
    for part in np.split(codes, [1, 40]):
        running.add(part)
    np.testing.assert_allclose(running.moments.mean, moments(codes).mean, rtol=1e-12)
    np.testing.assert_allclose(running.moments.deviation, moments(codes).deviation, rtol=1e-9)
    assert running.moments.varies.tolist() == [True, True, True, False]
