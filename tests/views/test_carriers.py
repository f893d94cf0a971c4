import numpy as np

from sim_study.downstream.probe_weights import rescale_weights
from sim_study.views.carriers import by_label_carried, carried_shares, carriers
from sim_study.views.tables import write_weights


def test_the_dimension_that_alone_carries_a_label_has_its_whole_share(vowel_probe):
    shares = carried_shares(vowel_probe.standard_weight)
    assert shares[:, 3].tolist() == [1.0, 1.0]
    assert carriers(shares)[:, 0].tolist() == [3, 3]


def test_what_all_labels_share_carries_none():
    weight = np.array([[5.0, 1.0, 0.0], [5.0, -1.0, 2.0]])
    # relative to the mean over labels: (0, 1, -1) and (0, -1, 1)
    np.testing.assert_allclose(carried_shares(weight), [[0, 0.5, 0.5], [0, 0.5, 0.5]])
    assert carried_shares(np.ones((2, 3))).tolist() == [[0, 0, 0], [0, 0, 0]]


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
    write_weights(tmp_path / "vowel", rescale_weights(raw), ("a", "i", "u"))
    np.testing.assert_allclose(np.load(tmp_path / "vowel.npy"), wanted, rtol=1e-9)
    lines = (tmp_path / "vowel.csv").read_text().splitlines()
    assert lines[0] == "dimension,a,i,u"
    read = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    np.testing.assert_allclose([row[1:] for row in read], wanted, atol=1e-5)
    assert [row[0] for row in read] == list(range(len(wanted)))
