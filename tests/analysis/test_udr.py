from __future__ import annotations

import numpy as np
import pytest
from rich.console import Console

from analysis.read.study import StudyRecord
from analysis.report.summary import summary
from analysis.report.summary_grid import udr_grid
from analysis.statistics.udr import udr_by_layer

LAYERS = ("module_0", "context")


@pytest.fixture
def coded(fabricate):
    """Gim finds the same dimensions in every seed, in another order; the others find noise."""
    made = fabricate()
    clips = np.random.default_rng(0).normal(size=(60, 4))
    for member in made.members:
        if member.stage != "probe":
            continue
        generator = np.random.default_rng([member.seed, len(member.arm), member.number])
        codes = clips if member.arm == "gim" else generator.normal(size=clips.shape)
        codes = -3 * codes[:, generator.permutation(4)]
        arrays = {f"probe_accuracy/test/{layer}": codes for layer in LAYERS}
        arrays["probe_accuracy/train/module_0"] = np.zeros((2, 4))
        folder = made.ledger.folder(member.trial_id)
        np.savez(folder.path / "features.npz", **arrays)
    return made


def of_arm(made, arm):
    study = StudyRecord.read(made.ledger, made.name)
    one = next(one for one in study.configurations if one.arm == arm)
    return one, udr_by_layer(study.runs, one)


def test_the_same_dimensions_stand_out_from_noise(coded):
    _, same = of_arm(coded, "gim")
    _, noise = of_arm(coded, "random")
    assert list(same) == list(LAYERS)
    for layer in LAYERS:
        assert same[layer].by_encoder.shape == (3,)
        assert same[layer].value > 5 * noise[layer].value
        assert same[layer].value > 5 * same[layer].null.p95


def test_the_summary_and_its_rows_show_it(coded):
    found = summary(StudyRecord.read(coded.ledger, coded.name))
    assert found.udr is not None
    assert found.udr.columns == ("", "n", "module 0", "context")
    names = [row[0] for row in found.udr.rows]
    assert names[:2] == ["gim", "  clips shuffled"]
    assert found.udr.rows[0][1] == "3"
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(found)
    assert "UDR (fraction)" in capture.get()
    assert "UDR: mean over the encoders of n seeds" in capture.get()
    rows = found.rows[found.rows["quantity"] == "udr"]
    assert len(rows) == 5 * len(LAYERS)
    assert rows["low"].isna().all()
    gim = rows[(rows["arm"] == "gim") & (rows["layer"] == "context")].iloc[0]
    assert gim["mean"] > gim["null"]


def test_without_two_seeds_that_kept_codes_there_is_none(coded, fake):
    one, nothing = of_arm(fake, "gim")
    assert nothing == {}
    assert udr_grid([one], [nothing]) is None
    for member in coded.members:
        if member.stage == "probe" and member.arm == "gim" and member.seed:
            (coded.ledger.folder(member.trial_id).path / "features.npz").unlink()
    assert of_arm(coded, "gim")[1] == {}
    assert summary(StudyRecord.read(fake.ledger, fake.name)).udr is None
