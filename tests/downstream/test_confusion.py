import numpy as np
import pytest

from sim_study.downstream.probes.confusion import (
    balanced_accuracy,
    class_accuracies,
    confusion,
    overall_accuracy,
)

COUNTS = np.array([[8, 2, 0], [1, 1, 0], [0, 0, 0]])


def test_rows_are_labels_and_columns_names():
    labels, named = np.array([0, 0, 2]), np.array([0, 1, 1])
    assert confusion(labels, named, 3).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_frequent_classes_outweigh_rare_ones_unless_balanced():
    assert overall_accuracy(COUNTS) == 0.75
    assert balanced_accuracy(COUNTS) == pytest.approx((0.8 + 0.5) / 2)
    assert np.isnan(class_accuracies(COUNTS)[2])  # never spoken
