from __future__ import annotations

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from sim_study.metrics.__main__ import NAMES, main
from sim_study.metrics.code_file import read_code_file
from sim_study.metrics.registry import METRICS

QUICK = ("--permutations", "3")


def call(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(main, [str(one) for one in arguments])
    return found.exit_code, found.output


def flat(output: str) -> str:
    return " ".join(output.split())


@pytest.fixture
def arrays(identity_sample) -> dict[str, np.ndarray]:
    """Vowel by name, consonant by number, one dimension each, in a file without a split."""
    names = np.array(identity_sample.classes["vowel"])
    return {
        "codes": identity_sample.train_codes.astype(np.float32),
        "vowel": names[identity_sample.train_factors["vowel"]],
        "consonant": identity_sample.train_factors["consonant"],
    }


@pytest.fixture
def file(tmp_path, arrays):
    path = tmp_path / "codes.npz"
    np.savez(path, **arrays)
    return path


def test_a_table_of_values_beside_their_nulls(file):
    code, output = call(file, *QUICK)
    assert code == 0, output
    for title in ("MIG", "SAP", "DCI disentanglement", "InfoM modularity", "Total correlation"):
        assert title in output
    mig = next(line for line in output.splitlines() if "MIG" in line and "vowel" in line)
    assert "*" in mig
    assert "900 + 300" in mig
    assert "cannot be read" not in output
    alignments = output[output.index("Do the axes go with the factors?") :]
    rows = [line.split() for line in alignments.splitlines() if line.split()[:1] == ["MIG"]]
    assert [row[1] for row in rows] == ["consonant", "vowel", "mean"]
    assert all(float(row[-1]) > 0.9 for row in rows)


def test_nothing_is_turned_where_no_rotations_are_asked_for(file):
    code, output = call(file, *QUICK, "--rotations", 0, "--names", "mig")
    assert code == 0, output
    assert "Do the axes" not in output
    code, output = call(file, "--rotations", 1)
    assert code != 0
    assert "--rotations: 1: must be 0, or at least 2 for a spread" in flat(output)


def test_csv_holds_every_value_with_null_spread_and_sizes(file):
    code, output = call(file, *QUICK, "--csv", "--names", "mig,total_correlation")
    assert code == 0
    rows = {(row["quantity"], row["target"]): row for row in csv.DictReader(io.StringIO(output))}
    assert set(rows) == {
        ("mig", "vowel"), ("mig", "consonant"), ("mig", "mean"), ("total_correlation", ""),
    }  # fmt: skip
    mig = rows["mig", "vowel"]
    assert float(mig["value"]) > 0.9 > 0.1 > float(mig["null_p95"]) >= 0
    assert float(mig["null_spread"]) >= 0
    assert (mig["train_samples"], mig["test_samples"], mig["permutations"]) == ("900", "300", "3")


def test_json_holds_the_parts(file):
    code, output = call(file, *QUICK, "--json", "--names", "dci")
    assert code == 0
    part = json.loads(output)["parts"]["codes"][0]
    assert part["factors"] == ["consonant", "vowel"]
    importance = np.array(part["by_dimension"]["importance"])
    assert importance.shape == (12, 2)
    assert importance.argmax(axis=0).tolist() == [0, 1]


def test_json_stays_json_where_a_dimension_is_inactive(tmp_path, arrays):
    path = tmp_path / "dead.npz"
    dead = np.hstack([arrays["codes"], np.ones((1200, 1), np.float32)])
    np.savez(path, **(arrays | {"codes": dead}))
    _, output = call(path, *QUICK, "--json", "--names", "mig")
    information = json.loads(output, parse_constant=pytest.fail)["parts"]["codes"][0]
    assert information["by_dimension"]["information"][12] == [None, None]


def test_the_seed_draws_the_split(file):
    outputs = [call(file, *QUICK, "--csv", "--names", "mig", "--seed", s)[1] for s in (1, 1, 2)]
    assert outputs[0] == outputs[1] != outputs[2]


def test_a_split_of_ones_own_is_kept(tmp_path, identity_sample):
    path = tmp_path / "split.npz"
    parts = {
        "train/codes": identity_sample.train_codes,
        "test/codes": identity_sample.test_codes,
        "train/vowel": identity_sample.train_factors["vowel"],
        "test/vowel": identity_sample.test_factors["vowel"],
    }
    np.savez(path, **parts)
    sample = read_code_file(path).samples(0.5, seed=3)["codes"]
    assert (sample.train_codes == identity_sample.train_codes).all()
    assert (sample.test_factors["vowel"] == identity_sample.test_factors["vowel"]).all()
    _, output = call(path, *QUICK, "--csv", "--names", "mig")
    assert ",1200,400,3" in output


def test_codes_of_several_encoders_are_compared(tmp_path, arrays):
    path = tmp_path / "seeds.npz"
    codes = arrays["codes"]
    noise = np.random.default_rng(0).normal(size=codes.shape)
    several = {"codes_0": codes, "codes_1": -2 * codes[:, ::-1], "codes_2": noise}
    np.savez(path, vowel=arrays["vowel"], **several)
    code, output = call(path, *QUICK, "--csv", "--names", "mig,udr")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(output)))
    assert [row["place"] for row in rows if row["quantity"] == "udr"] == ["codes"]
    assert [row["place"] for row in rows if row["target"] == "vowel"] == [*several]
    np.savez(path, **several)  # without factors UDR is all there is
    alone = list(csv.DictReader(io.StringIO(call(path, *QUICK, "--csv")[1])))
    assert [row["quantity"] for row in alone] == ["udr"]


def test_a_factor_that_the_code_lost_is_named(tmp_path, arrays):
    path = tmp_path / "lost.npz"
    shuffled = np.random.default_rng(0).permutation(arrays["consonant"])
    np.savez(path, **(arrays | {"consonant": shuffled}))
    assert "consonant cannot be read from this code" in flat(call(path, *QUICK)[1])


def test_a_factor_read_by_a_classifier_too_sure_of_itself_is_not_named(tmp_path, identity_sample):
    """Test samples all displaced alike, as by another loudness: InfoE falls to 0, explicitness not.

    With one factor alone there is no modularity to warn of.
    """
    path = tmp_path / "displaced.npz"
    sample, turn = identity_sample, np.zeros(12)
    turn[:2] = 2.0
    parts = {
        "train/codes": sample.train_codes,
        "test/codes": sample.test_codes + turn,
        **{f"train/{factor}": one for factor, one in sample.train_factors.items()},
        **{f"test/{factor}": one for factor, one in sample.test_factors.items()},
    }
    np.savez(path, **parts)
    output = call(path, *QUICK, "--csv")[1]
    rows = {(row["quantity"], row["target"]): row for row in csv.DictReader(io.StringIO(output))}
    assert float(rows["infoe", "vowel"]["value"]) == 0
    assert float(rows["explicitness", "vowel"]["value"]) > 0.75
    assert "cannot be read" not in call(path, *QUICK)[1]
    lost = np.random.default_rng(0).permutation(sample.train_factors["vowel"])
    np.savez(path, codes=sample.train_codes, vowel=lost)
    assert "cannot be read" not in call(path, *QUICK)[1]


def test_everything_wrong_with_the_arrays_is_listed(tmp_path):
    path = tmp_path / "bad.npz"
    codes = np.ones((30, 2))
    codes[3, 1] = np.nan
    np.savez(
        path,
        codes=codes,
        short=np.zeros(29, int),
        pitch=np.linspace(0, 1, 30),
        square=np.zeros((30, 2), int),
        complex=np.zeros(30, complex),
    )
    code, output = call(path)
    assert code == 2
    for words in (
        "codes: holds 1 values that are NaN or infinite",
        "short: has 29 samples, codes has 30",
        "pitch: must hold classes: integers, strings or booleans",
        "square: is a factor and must be (sample,), not (30, 2)",
        "complex: must hold integers, strings or booleans, not complex128",
    ):
        assert words in output
    assert output.count("bad.npz: ") == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"vowel": np.arange(30) % 3}, "codes: is missing; (sample, dim)"),
        ({"codes": np.ones(30)}, "codes: must be (sample, dim), not (30,)"),
        ({"codes": np.ones((30, 2))}, "neither a factor, (sample,), nor a second"),
        ({"codes": np.ones((9, 2)), "v": np.arange(9) % 2}, "at least 20 samples, not 9"),
        ({"codes": np.ones((30, 2)), "v": np.ones(30, int)}, "v: must have at least two classes"),
        ({"codes": np.ones((30, 2)), "v": np.arange(30)}, "v: has 30 classes in 30 samples"),
        ({"codes_0": np.ones((30, 2)), "codes_1": np.ones((20, 2))}, "codes_1: has 20 samples"),
        ({"codes": np.ones((30, 2)), "train/v": np.ones(20)}, "codes: must be under train/"),
        (
            {"train/codes": np.ones((30, 2)), "train/v": np.arange(30) % 2}
            | {"test/codes": np.ones((30, 2))},
            "test/v: is missing, while there is train/v",
        ),
        (
            {"train/codes": np.ones((30, 2)), "train/v": np.arange(30) % 2}
            | {"test/codes": np.ones((30, 3)), "test/v": np.arange(30) % 2},
            "test/codes: has 3 dimensions, train/codes 2",
        ),
        (
            {"train/codes": np.ones((30, 2)), "train/v": np.arange(30) % 2}
            | {"test/codes": np.ones(30), "test/v": np.arange(30) % 2},
            "test/codes: must be (sample, dim), not (30,)",
        ),
    ],
)
def test_each_wrong_array_is_named(tmp_path, content, words):
    path = tmp_path / "bad.npz"
    np.savez(path, **content)
    code, output = call(path)
    assert (code, words in output) == (2, True), output


def test_wrong_files_and_names(tmp_path, file):
    assert call(tmp_path / "none.npz") == (2, f"error: {tmp_path / 'none.npz'}: no such file\n")
    text = tmp_path / "text.npz"
    text.write_text("no archive")
    assert "cannot be read as .npz" in call(text)[1]
    damaged = tmp_path / "damaged.npz"
    np.savez_compressed(damaged, codes=np.random.default_rng(0).normal(size=(500, 9)))
    content = bytearray(damaged.read_bytes())
    content[400:1400] = bytes(1000)
    damaged.write_bytes(content)
    code, output = call(damaged)
    assert (code, "cannot be read as .npz" in output) == (2, True), output
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("codes.txt", "no array")
    assert call(text) == (2, f"error: {text}: codes.txt: is not an array\n")
    code, output = call(file, "--names", "mgi,dci,foo")
    assert code == 2
    assert "'mgi': unknown metric; did you mean 'mig'?" in output
    assert "'foo': unknown metric; one of mig" in output


def test_every_metric_of_codes_can_be_named():
    assert set(NAMES) == {*METRICS, "udr"}
