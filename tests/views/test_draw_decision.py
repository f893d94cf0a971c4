from dataclasses import replace

import numpy as np

from sim_study.views.draw_decision import decision_plane


def with_weight(probe, weight):
    return replace(probe, standard_weight=weight, standard_bias=np.zeros(len(weight)))


def test_regions_are_the_probes_own_decisions(vowel_probe):
    weight = np.zeros((3, 8))
    weight[:, 1] = (-2, 0, 2)
    weight[1, 6] = 1.0
    plane = decision_plane(with_weight(vowel_probe, weight))
    assert plane.dimensions == (1, 6)
    for row, column in [(0, 0), (3, 150), (100, 100), (199, 0), (199, 199)]:
        x, y = plane.x[column], plane.y[row]
        assert plane.decided[row, column] == np.argmax([-2 * x, y, 2 * x])


def test_two_dimensions_that_hold_everything_keep_all_accuracy(vowel_probe):
    plane = decision_plane(vowel_probe)
    assert plane.dimensions[0] == 3
    assert (plane.accuracy, plane.whole) == (1.0, 1.0)
    assert plane.points.shape == (60, 2)
    # one border, where dimension 3 is at its mean
    negative = plane.x < 0
    assert (plane.decided[:, negative] == 0).all()
    assert (plane.decided[:, ~negative] == 1).all()


def test_what_the_other_dimensions_add_is_missing_from_two(vowel_probe):
    weight = vowel_probe.standard_weight.copy()
    weight[0, [0, 1]], weight[1, [0, 1]] = 3, -3  # noise, heavier than what carries the label
    plane = decision_plane(replace(vowel_probe, standard_weight=weight))
    assert set(plane.dimensions) == {0, 1}
    assert plane.accuracy < 0.75


def test_a_single_dimension_has_no_plane(vowel_probe):
    weight, codes = vowel_probe.standard_weight[:, :1], vowel_probe.codes[:, :1]
    narrow = replace(vowel_probe, standard_weight=weight, codes=codes)
    assert decision_plane(narrow) is None
