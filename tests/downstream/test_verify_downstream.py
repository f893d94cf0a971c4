import numpy as np
import pytest

from sim_study.verify.downstream import sections


@pytest.fixture(scope="module")
def arrays(golden) -> dict[str, np.ndarray]:
    with np.load(golden / "downstream.npz") as file:
        return dict(file)


def test_golden_sections_agree(arrays):
    verdicts = {section.name: section.verdict for section in sections(arrays)}
    assert verdicts == {
        "loss": "agrees",
        "decoder0": "agrees",
        "decoder1": "agrees",
        "decoder2": "agrees",
        "probe": "agrees",
        "weights": "agrees",
        "contribution": "agrees",
        "tc": "agrees",
    }


@pytest.mark.parametrize(
    ("key", "section"),
    [
        ("loss/mse_mel", "loss"),
        ("decoder1/state/decoder.conv_transpose_3.bias", "decoder1"),
        ("probe/bias", "probe"),
        ("weights/raw", "weights"),
        ("tc/value", "tc"),
    ],
)
def test_a_changed_number_is_noticed(arrays, key, section):
    changed = arrays[key].copy()
    changed.flat[0] += 1e-6
    verdicts = {found.name: found.verdict for found in sections({**arrays, key: changed})}
    assert [name for name, verdict in verdicts.items() if verdict == "differs"] == [section]


def test_other_files_have_no_downstream_sections():
    assert sections({"audio": np.zeros(3), "sim/loss": np.zeros(3)}) == []
