import io
import re
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from analysis.compare import main
from analysis.figures.against_setting import draw_against_setting
from analysis.figures.arm_colours import arm_colours, configuration_colours
from analysis.figures.draw import Drawing, being_drawn
from analysis.figures.drawings import draw_probe_weights, drawings
from analysis.figures.forest import draw_forest
from analysis.read.configurations import Configuration
from analysis.read.probe_arrays import read_probe_arrays
from analysis.read.study import StudyRecord
from analysis.report.settings import settings_grid
from analysis.statistics.answer import answer
from sim_study.config.method import TRAITS
from sim_study.metrics.label_weights import by_label_carried, contrasts, of_largest


@contextmanager
def nothing_drawn(drawings, folder):
    yield list


@pytest.fixture(scope="module")
def compared(fabricate):
    made = fabricate()
    result = CliRunner().invoke(main, [made.name, "--output", str(made.ledger.output)])
    return result, made.ledger.study(made.name).path / "analysis"


def test_compare_prints_differences_and_limits(compared):
    result, folder = compared
    assert result.exit_code == 0, result.output
    assert "+0.060" in result.output
    assert "two-sided 5 %, Holm over 2 tests" in " ".join(result.output.split())
    order = ["Primary tests", "Exploratory", "Probe accuracy, mean code ("]
    places = [result.output.index(title) for title in order]
    assert places == sorted(places)
    beside_paths = result.output.replace(str(folder), "")
    assert max(map(len, beside_paths.splitlines())) <= 110
    assert "…" not in result.output
    assert str(folder / "report.html") in result.output


def test_tables_are_written(compared):
    _, folder = compared
    comparison = pd.read_parquet(folder / "comparison.parquet")
    assert not comparison.duplicated(["part", "a", "b", "quantity", "target", "layer"]).any()
    winners = comparison[comparison["part"] == "winners"]
    assert set(winners["b"]) == {"sim kld_weight=0.001"}
    assert set(comparison["part"]) == {"winners", "each"}
    assert {"a_null", "b_null", "a_raw", "b_raw"} <= set(comparison.columns)
    assert set(comparison["b"]) == {f"sim kld_weight={w}" for w in ("0.0001", "0.001", "0.01")}
    for name in ("trials", "metrics", "curves", "primary"):
        assert len(pd.read_parquet(folder / f"{name}.parquet")) > 0


@pytest.mark.parametrize(
    "name",
    [
        "paired_differences",
        "accuracy_against_kld_weight",
        "entanglement_against_kld_weight",
        "rate_against_kld_weight",
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
    assert page.count("data:image/png;base64,") == 8
    assert page.count("data:audio/wav;base64,") == 3 + 2  # the original, gim, sim; their draws
    assert page.count("<summary>Draws: ") == 2
    sources = re.findall(r'(?:src|href)="([^"]{0,10})', page)
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert 'href="#words"' in page
    assert 'id="words"' in page
    assert "Gap between the two dimensions" in page  # what MIG means


def test_markdown(fake, monkeypatch):
    monkeypatch.setattr("analysis.report.show.being_drawn", nothing_drawn)  # slow, seen above
    arguments = [fake.name, "--output", str(fake.ledger.output), "--format", "markdown"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "| vowel module 0 | 3 | 0.810 | 0.870 | +0.060 |" in result.output
    assert result.output.index("## Answer") < result.output.index("| vowel module 0 |")


def test_every_file_of_a_study_is_read_once(fabricate, monkeypatch):
    made = fabricate(confirm=(7, 8))
    opened = Counter()
    plain = io.open

    def counting(file, *args, **kwargs):
        opened[str(file)] += 1
        return plain(file, *args, **kwargs)

    monkeypatch.setattr("io.open", counting)
    monkeypatch.setattr("analysis.report.show.being_drawn", nothing_drawn)  # slow, seen above
    result = CliRunner().invoke(main, [made.name, "--output", str(made.ledger.output)])
    assert result.exit_code == 0, result.output
    study = made.ledger.study(made.name).path
    files = [study / "members.jsonl", study / "study.json"]
    for member in made.members:
        folder = made.ledger.folder(member.trial_id).path
        files += [folder / name for name in ("trial.json", "result.json", "curve.jsonl")]
    assert {opened[str(path)] for path in files if path.exists()} == {1}


def test_figures_are_drawn_alike_by_one_process_and_by_several(fake, tmp_path):
    found = answer(StudyRecord.read(fake.ledger, fake.name))
    wanted = [one for one in drawings(found) if one.name in ("contribution", "probe_weights_vowel")]
    shown = {}
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        with being_drawn(wanted, folder, processes) as pictures:
            shown[processes] = pictures()
        assert [picture.title for picture in shown[processes]] == [one.title for one in wanted]
    for alone, beside in zip(*shown.values(), strict=True):
        assert np.array_equal(imread(alone.file), imread(beside.file))


def test_a_figure_that_fails_is_heard_of(tmp_path):
    def broken():
        raise ValueError("no such colour")

    drawing = Drawing("broken", "Broken", "", broken)
    with (
        being_drawn([drawing, drawing], tmp_path, 2) as pictures,
        pytest.raises(ValueError, match="no such colour"),
    ):
        pictures()


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


def test_a_trial_of_another_version_is_named(fabricate):
    made = fabricate(seeds=(0,))
    path = made.ledger.folder(made.members[0].trial_id).path / "trial.json"
    path.write_text('{"stage": "encoder", "config": {"colour": "blue"}}', encoding="utf-8")
    result = CliRunner().invoke(main, [made.name, "--output", str(made.ledger.output)])
    assert result.exit_code == 2
    assert "is not a trial of this version" in result.output
    assert str(path) in result.output.replace("\n", "")


def test_analysis_never_loads_a_model(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys, analysis.report.show, analysis.report.summary;"
        "print([m for m in ('torch', 'ray', 'mlflow', 'optuna') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_weights_are_rescaled_by_label_and_what_all_labels_share_is_left_out():
    own = np.array([[2.0, -4.0, 0.0], [-2.0, 4.0, 0.0], [0.0, 0.0, 0.0]])
    wanted = [[0.5, -1.0, 0.0], [-0.5, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert of_largest(contrasts(own)).tolist() == wanted
    assert of_largest(contrasts(own + np.array([0.0, 8.0, -16.0]))).tolist() == wanted


def test_dimensions_are_sorted_by_the_label_they_carry():
    weights = np.array([[0.1, 1.0, 0.0, 0.5], [1.0, 0.2, 0.3, 0.1]])
    assert by_label_carried(weights).tolist() == [1, 3, 0, 2]


def test_probe_arrays_count_with_their_features_deviation(tmp_path):
    weights = np.array([[1.0, 4.0], [2.0, 2.0]])
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    np.savez(
        tmp_path / "new" / "probe_weights.npz",
        **{
            "probe_interpretability/vowel/module_0": weights,
            "probe_accuracy/vowel/module_0": np.zeros((2, 2)),
            "deviation/probe_interpretability/module_0": np.array([2.0, 0.5]),
            "deviation/probe_accuracy/module_0": np.zeros(2),
            "classes/vowel": np.array(["a", "i"]),
        },
    )
    found = read_probe_arrays(tmp_path / "new")
    assert found.weights["vowel"]["module_0"].tolist() == [[2.0, 2.0], [4.0, 1.0]]
    assert found.classes == {"vowel": ("a", "i")}
    alone = {"probe_interpretability/vowel/module_0": weights}
    np.savez(tmp_path / "old" / "probe_weights.npz", **alone)
    found = read_probe_arrays(tmp_path / "old")
    assert found.weights["vowel"]["module_0"].tolist() == weights.tolist()
    assert found.classes == {}


def test_labels_stand_at_the_ticks():
    weights = {"module_0": np.eye(3)}
    figure = draw_probe_weights([("gim", weights)], "vowel", ("a", "i", "u"))
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "i", "u"]
    numbered = draw_probe_weights([("gim", weights)], "vowel")
    assert [label.get_text() for label in numbered.axes[0].get_yticklabels()] == ["0", "1", "2"]


def test_nulls_are_drawn_for_each_arm_in_its_colour(fake):
    found = answer(StudyRecord.read(fake.ledger, fake.name))
    draw = draw_against_setting(found.measured, "objective.kld_weight", [("hoyer", "vowel")])
    lines = {line.get_label(): line for line in draw.axes[0].get_lines()}
    assert set(lines["gim, labels permuted"].get_ydata()) == {0.03}
    assert set(np.round(lines["sim, labels permuted"].get_ydata(), 12)) == {0.07}
    for arm in ("gim", "sim"):
        assert lines[f"{arm}, labels permuted"].get_color() == TRAITS[arm].colour
        assert lines[f"{arm}, labels permuted"].get_linestyle() == ":"
    hollow = [line for line in draw.axes[0].get_lines() if line.get_markerfacecolor() == "none"]
    assert [set(line.get_xdata()) for line in hollow] == [{0.01}]


def test_the_forest_draws_what_was_compared(fake):
    best = answer(StudyRecord.read(fake.ledger, fake.name)).best
    figure = draw_forest(best, ("#000000", "#111111"))
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left").startswith("Hoyer"))
    assert "above its own permuted-label null" in panel.get_title(loc="left")
    markers = [line for line in panel.get_lines() if line.get_marker() in ("o", "s")]
    assert [line.get_xdata()[0] for line in markers] == pytest.approx([0.02] * 6)  # 0.06 - 0.04


def test_settings_list_each_arm_for_itself(fake):
    grid = settings_grid(StudyRecord.read(fake.ledger, fake.name))
    rows = dict(grid.rows)
    assert rows["model.channels"] == "16"
    assert rows["objective.kld_weight (gim)"] == "0"
    assert "objective.kld_weight" not in rows


def test_an_arm_keeps_its_colour():
    gim = Configuration("gim", "gim", 0, "a")
    sims = [Configuration("sim", "sim", i, f"{i}", {"k": w}) for i, w in enumerate((0.1, 0.01))]
    wide = Configuration("wide sim", "sim", 0, "w")
    colours = arm_colours([*sims, gim, wide])
    assert colours["gim"] == TRAITS["gim"].colour
    assert colours["sim"] == TRAITS["sim"].colour != colours["wide sim"]
    shades = configuration_colours([gim, *sims])
    assert len(set(shades.values())) == 3
