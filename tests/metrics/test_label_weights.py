import numpy as np

from sim_study.metrics.label_weights import (
    by_label_carried,
    carriers,
    shares,
    standardised_probe,
    stretched,
)
from sim_study.views.tables import write_weights


def test_each_label_spans_minus_one_to_one():
    weight = np.array([[0.0, 1.0, 2.0], [10.0, -30.0, 50.0]])
    np.testing.assert_allclose(stretched(weight).T, [[-1, 0], [0, -1], [1, 1]], atol=1e-15)


def test_equal_weights_become_zero():
    assert np.array_equal(stretched(np.full((1, 4), 0.3)).T, np.zeros((4, 1)))


def test_the_dimension_that_alone_carries_a_label_has_its_whole_share(one_dimension_probe):
    weight, _ = standardised_probe(one_dimension_probe.weight, None, one_dimension_probe.scales)
    found = shares(weight)
    assert found[:, 3].tolist() == [1.0, 1.0]
    assert carriers(found)[:, 0].tolist() == [3, 3]


def test_what_all_labels_share_carries_none():
    weight = np.array([[5.0, 1.0, 0.0], [5.0, -1.0, 2.0]])
    # relative to the mean over labels: (0, 1, -1) and (0, -1, 1)
    np.testing.assert_allclose(shares(weight), [[0, 0.5, 0.5], [0, 0.5, 0.5]])
    assert shares(np.ones((2, 3))).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_ranks_follow_shares_and_equal_ones_keep_their_order():
    assert carriers(np.array([[0.1, 0.6, 0.1, 0.2]])).tolist() == [[1, 3, 0, 2]]


def test_dimensions_are_ordered_by_label_then_strength():
    weight = np.array([[0.1, 1.0, 0.0, 0.5], [1.0, 0.2, 0.3, 0.1]])
    assert by_label_carried(weight).tolist() == [1, 3, 0, 2]


def test_written_weights_are_the_references(golden, tmp_path):
    with np.load(golden / "downstream.npz") as arrays:
        raw, wanted = (
            arrays["weights/raw"],
            arrays["weights/rescaled"],
        )  # (label, dim), (dim, label)
    write_weights(tmp_path / "vowel", stretched(raw).T, ("a", "i", "u"))
    np.testing.assert_allclose(np.load(tmp_path / "vowel.npy"), wanted, rtol=1e-9)
    lines = (tmp_path / "vowel.csv").read_text().splitlines()
    assert lines[0] == "dimension,a,i,u"
    read = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    np.testing.assert_allclose([row[1:] for row in read], wanted, atol=1e-5)
    assert [row[0] for row in read] == list(range(len(wanted)))
