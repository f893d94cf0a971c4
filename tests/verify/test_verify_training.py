import numpy as np
import pytest
from click.testing import CliRunner

from sim_study.verify.__main__ import verify


@pytest.fixture(scope="module")
def arrays(golden):
    with np.load(golden / "training.npz") as archive:
        return dict(archive)


def run(path):
    result = CliRunner().invoke(verify, [str(path)])
    return result.exit_code, result.output


def saved(tmp_path, arrays):
    np.savez(tmp_path / "golden.npz", **arrays)
    return tmp_path / "golden.npz"


def test_recorded_training_steps_agree(golden):
    code, output = run(golden / "training.npz")
    assert code == 0
    for method in ("sim", "gim", "cpc"):
        for part in ("forward", "steps", "grad0", "final"):
            assert f"{method}/{part}" in output
    assert "12 agree to 1e-09, 0 differ, 0 not covered" in output


def only(method, arrays):
    others = tuple(f"{other}/" for other in ("sim", "gim", "cpc") if other != method)
    return {key: value for key, value in arrays.items() if not key.startswith(others)}


@pytest.mark.parametrize(
    ("part", "key", "array"),
    [
        ("gim/steps", "gim/nce", "nce"),
        ("gim/forward", "gim/forward/log_var1", "log_var1"),
        ("gim/grad0", "gim/grad0/fullmodel.3.loss.predictor.weight", "predictor.weight"),
        ("gim/final", "gim/final/fullmodel.1.loss.predictor.weight", "predictor.weight"),
        ("cpc/steps", "cpc/loss", "loss"),
        ("cpc/forward", "cpc/forward/z", "z"),
        ("cpc/grad0", "cpc/grad0/fullmodel.0.encoder.encoder.0.0.weight", "0.0.weight"),
        ("cpc/final", "cpc/final/fullmodel.0.autoregressor.gru.bias_hh_l0", "gru.bias_hh_l0"),
    ],
)
def test_a_small_deviation_is_found_and_named(tmp_path, arrays, part, key, array):
    changed = only(part[:3], arrays)
    changed[key] = changed[key] * (1 + 1e-8)
    code, output = run(saved(tmp_path, changed))
    assert code == 1
    (line,) = [line for line in output.splitlines() if "differs" in line]
    assert line.startswith(part)
    assert line.endswith(array)


@pytest.mark.parametrize("method", ["gim", "cpc"])
def test_an_extra_gradient_is_a_difference(tmp_path, arrays, method):
    changed = only(method, arrays)
    changed[f"{method}/grad0/fullmodel.0.encoder.encoder_var.bias"] = np.zeros(8)
    code, output = run(saved(tmp_path, changed))
    assert code == 1
    assert "inf" in output


def test_what_nothing_replays_is_named(tmp_path, arrays):
    code, output = run(saved(tmp_path, {**only("gim", arrays), "vae/loss": np.zeros(3)}))
    assert code == 0
    assert "4 agree to 1e-09, 0 differ, 1 not covered" in output
    assert "vae                      not covered" in output


def test_files_that_cannot_be_replayed_are_a_users_mistake(tmp_path, arrays):
    (tmp_path / "text.npz").write_text("not an archive")
    whole = saved(tmp_path, {"audio": arrays["audio"]}).read_bytes()
    (tmp_path / "torn.npz").write_bytes(whole[: len(whole) // 2])
    incomplete = only("gim", arrays)
    del incomplete["gim/step1/begin"]
    np.savez(tmp_path / "incomplete.npz", **incomplete)
    np.savez(tmp_path / "pickled.npz", audio=np.array([{}], dtype=object))
    np.save(tmp_path / "single.npy", np.zeros(3))
    np.savez(tmp_path / "unknown.npz", something=np.zeros(3))
    for name, words in (
        ("nowhere.npz", "no such file"),
        ("text.npz", "cannot be read as .npz"),
        ("torn.npz", "cannot be read as .npz"),
        ("pickled.npz", "cannot be read as .npz"),
        ("single.npy", "cannot be read as .npz"),
        ("unknown.npz", "holds no golden section that is known"),
        ("golden.npz", "holds no golden section that is known"),
        ("incomplete.npz", "is missing from the file"),
    ):
        code, output = run(tmp_path / name)
        assert code == 2, (name, output)
        assert words in output
        assert str(tmp_path / name) in output
