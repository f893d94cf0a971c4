import csv

import numpy as np

from sim_study.downstream.probes.phone_files import write_phone_files

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
