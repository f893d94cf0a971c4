import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from analysis.compare import main
from analysis.configurations import Configuration
from analysis.figures.probe_weights import rescale, sort_dimensions
from analysis.figures.style import METHOD_COLOURS, arm_colours, configuration_colours


@pytest.fixture(scope="module")
def compared(fabricate):
    made = fabricate()
    result = CliRunner().invoke(main, [made.name, "--output", str(made.ledger.output)])
    return result, made.ledger.study(made.name).path / "analysis"


def test_compare_prints_differences_and_limits(compared):
    result, folder = compared
    assert result.exit_code == 0, result.output
    assert "+0.060" in result.output
    assert "can detect d >= 3.26" in result.output
    assert str(folder / "report.html") in result.output


def test_tables_are_written(compared):
    _, folder = compared
    comparison = pd.read_parquet(folder / "comparison.parquet")
    assert set(comparison["b"]) == {f"sim kld_weight={w}" for w in ("0.0001", "0.001", "0.01")}
    for name in ("trials", "metrics", "curves"):
        assert len(pd.read_parquet(folder / f"{name}.parquet")) > 0


@pytest.mark.parametrize(
    "name",
    [
        "paired_differences",
        "accuracy_against_kld_weight",
        "entanglement_against_kld_weight",
        "learning_curves",
        "probe_weights_vowel",
        "probe_weights_syllable",
    ],
)
def test_figures_hold_something(compared, name):
    image = imread(compared[1] / "figures" / f"{name}.png")
    assert min(image.shape[:2]) > 300
    inked = (image[..., :3] < 0.9).any(axis=2).mean()
    assert 0.005 < inked < 0.95


def test_the_report_needs_nothing_beside_itself(compared):
    page = (compared[1] / "report.html").read_text(encoding="utf-8")
    assert "Does a stronger KL pull" in page
    assert page.count("data:image/png;base64,") == 6
    assert page.count("data:audio/wav;base64,") == 3  # the original, gim, sim
    sources = re.findall(r'(?:src|href)="([^"]{0,10})', page)
    assert all(source.startswith("data:") for source in sources)


def test_markdown(fake, monkeypatch):
    monkeypatch.setattr("analysis.compare.figures", lambda found: iter(()))  # slow, seen above
    arguments = [fake.name, "--output", str(fake.ledger.output), "--format", "markdown"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "| vowel module 0 | 3 | 0.810 | 0.870 | +0.060 |" in result.output


def test_an_unknown_study_is_the_users_mistake(fake):
    result = CliRunner().invoke(main, ["kdl", "--output", str(fake.ledger.output)])
    assert result.exit_code == 2
    assert "did you mean 'kld'?" in result.output
    assert "Traceback" not in result.output


def test_a_study_that_broke_off_is_compared_as_far_as_it_goes(fabricate):
    made = fabricate(failing=[("gim", None, seed) for seed in (0, 1, 2)])
    result = CliRunner().invoke(main, [made.name, "--output", str(made.ledger.output)])
    assert result.exit_code == 0, result.output
    assert "nothing can be paired" in result.output


def test_analysis_never_loads_a_model(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys, analysis.compare, analysis.summary;"
        "print([m for m in ('torch', 'ray', 'mlflow', 'optuna') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_weights_are_rescaled_by_label_and_zero_stays_zero():
    scaled = rescale(np.array([[2.0, -4.0, 0.0], [0.0, 0.0, 0.0]]))
    assert scaled.tolist() == [[0.5, -1.0, 0.0], [0.0, 0.0, 0.0]]


def test_dimensions_are_sorted_by_the_label_they_carry():
    weights = np.array([[0.1, 1.0, 0.0, 0.5], [1.0, 0.2, 0.3, 0.1]])
    assert sort_dimensions(weights).tolist() == [1, 3, 0, 2]


def test_an_arm_keeps_its_colour():
    gim = Configuration("gim", "gim", 0, "a")
    sims = [Configuration("sim", "sim", i, f"{i}", {"k": w}) for i, w in enumerate((0.1, 0.01))]
    wide = Configuration("wide sim", "sim", 0, "w")
    colours = arm_colours([*sims, gim, wide])
    assert colours["gim"] == METHOD_COLOURS["gim"]
    assert colours["sim"] == METHOD_COLOURS["sim"] != colours["wide sim"]
    shades = configuration_colours([gim, *sims])
    assert len(set(shades.values())) == 3
