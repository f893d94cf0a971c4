import csv

import numpy as np
import pytest

from sim_study.downstream.probes.confusion import (
    balanced_accuracy,
    class_accuracies,
    confusion,
    overall_accuracy,
    write_phone_files,
)

COUNTS = np.array([[8, 2, 0], [1, 1, 0], [0, 0, 0]])


def test_rows_are_labels_and_columns_names():
    labels, named = np.array([0, 0, 2]), np.array([0, 1, 1])
    assert confusion(labels, named, 3).tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


def test_frequent_classes_outweigh_rare_ones_unless_balanced():
    assert overall_accuracy(COUNTS) == 0.75
    assert balanced_accuracy(COUNTS) == pytest.approx((0.8 + 0.5) / 2)
    assert np.isnan(class_accuracies(COUNTS)[2])  # never spoken


PNG = b"\x89PNG\r\n\x1a\n"


def test_accuracies_and_confusions_are_there_to_read_and_to_see(tmp_path):
    counts = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
    folder = tmp_path / "phones"
    write_phone_files(folder, {"module_0": counts, "context": counts.T}, ["SIL", "AA", "ZH"])
    with (folder / "phone_accuracy.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["phone", "frames", "module_0", "context"]
    assert rows[1][:3] == ["SIL", "10", "0.800000"]
    assert rows[3][:3] == ["ZH", "0", ""]  # never spoken: no accuracy
    with (folder / "confusion_module_0.csv").open() as file:
        assert list(csv.reader(file))[:2] == [["phone", "SIL", "AA", "ZH"], ["SIL", "8", "2", "0"]]
    assert (folder / "confusion_context.png").read_bytes().startswith(PNG)
