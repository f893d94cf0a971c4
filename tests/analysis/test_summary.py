import io

import pandas as pd
import pytest
from rich.console import Console

from analysis.read.configurations import Configuration
from analysis.read.study import StudyRecord
from analysis.report.summary import Summary, caption_of, summary
from analysis.report.summary_grid import summary_grid
from analysis.statistics.measured import Measured
from analysis.words.numbers import estimate, interval_text, number
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member
from sim_study.naming.result_keys import MetricKey


def of(made) -> Summary:
    return summary(StudyRecord.read(made.ledger, made.name))


def printed(found: Summary, width: int = 100) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(found)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def test_every_arm_stands_beside_the_untrained_encoder(fake):
    rows = of(fake).rows
    vowel = rows[
        (rows["quantity"] == "probe_accuracy")
        & (rows["target"] == "vowel")
        & (rows["layer"] == "module_1")
    ].set_index("configuration")
    assert list(vowel.index) == [
        "gim",
        "sim kld_weight=0.0001",
        "sim kld_weight=0.001",
        "sim kld_weight=0.01",
        "random",
    ]
    assert vowel.loc["gim", "mean"] == pytest.approx(0.71)
    assert vowel.loc["gim", "half_width"] == pytest.approx(4.302653 * 0.01 / 3**0.5)
    assert vowel.loc["random", "mean"] == pytest.approx(0.66)
    assert (vowel["n"] == 3).all()


def test_text_fits_a_terminal_of_100_columns(fabricate):
    made = fabricate(confirm=(10, 11, 12), failing=[("sim", 0.001, 11)])
    text = printed(of(made))
    assert max(map(len, text.splitlines())) <= 100
    assert "* sim kld_weight=0.001" in text
    assert "2 of 3" in text
    assert "…" not in text
    assert "never confirmed, so the searching seeds 0, 1, 2 count" in text.replace("\n", " ")
    assert "chance" in text
    assert "seed 11: its encoder is diverged" in text.replace("\n", " ")


def test_a_footnote_tells_what_modularity_does_not_say(fake):
    found = of(fake)
    assert "modularity and InfoM say nothing" not in found.caption  # nobody measured them
    places = {MetricKey("infom", "", "module_0"): {0: 0.9}}
    grid = summary_grid(
        "infom", "", [Measured(Configuration("gim", "gim", 0, "x", roles={0: "search"}), places)]
    )
    assert grid is not None
    assert "modularity and InfoM say nothing" in caption_of([grid], None)


def test_every_configuration_stands_above_its_own_null(fake):
    found = of(fake)
    mig = next(grid for grid in found.grids if grid.title.startswith("MIG"))
    below = {row[0].strip("* "): mig.rows[line + 1] for line, row in enumerate(mig.rows[:-1])}
    assert below["gim"] == ("  labels permuted", "", "0.030", "0.030", "0.030")
    assert below["sim kld_weight=0.01"] == ("  labels permuted", "", "0.070", "0.070", "0.070")
    accuracy = next(grid for grid in found.grids if grid.title.startswith("Probe accuracy, mean"))
    assert [row[0] for row in accuracy.rows].count("chance") == 1
    rows = found.rows[(found.rows["quantity"] == "mig") & (found.rows["layer"] == "module_0")]
    assert rows.groupby("arm")["null"].first().to_dict() == pytest.approx(
        {"gim": 0.03, "sim": 0.07, "random": 0.03}
    )


def test_both_codes_are_read_and_idle_weights_are_marked(fake):
    text = printed(of(fake))
    assert "Probe accuracy, mean code, vowel" in text
    assert "Probe accuracy, sampled code, syllable" in text
    assert "KL per frame, as trained" in text
    assert "KL per frame, means handed on" in text
    rows = of(fake).rows
    marked = rows[rows["at_chance"]]
    assert set(marked["configuration"]) == {"sim kld_weight=0.01"}
    assert set(marked["quantity"]) == {"hoyer"}
    assert "†" in text
    assert "probes fitted to shuffled labels" in text.replace("\n", " ")


def test_equal_seeds_have_no_interval(fake):
    text = printed(of(fake))
    assert "±0.000" not in text
    active = text[text.index("Active units") :]
    assert "12.0      12.0" in active


def test_five_modules_fit_100_columns():
    layers = [*(f"module_{depth}" for depth in range(5)), "context", "mean"]
    settings = {"model.modules": 5, "objective.kld_weight": 0.000123, "train.learning_rate": 2e-4}
    one = Configuration("sim", "sim", 0, "s", settings, roles={0: "search", 1: "search"})
    values = {MetricKey("online", "vowel", layer): {0: 0.8, 1: 0.9} for layer in layers}
    grid = summary_grid("online", "vowel", [Measured(one, values)])
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(grid.to_rich())
    text = capture.get()
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("0.85±0.64") == len(layers)
    assert "…" not in text


def test_markdown_and_csv_hold_the_same_numbers(fake):
    found = of(fake)
    assert "| gim | 3 | 0.810 ±0.025 |" in found.to_markdown()
    rows = pd.read_csv(io.StringIO(found.to_csv()))
    assert len(rows) == len(found.rows)


def test_a_study_that_has_only_begun_has_an_empty_summary(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.study("new").join(
        Member(trial_id="x", arm="gim", number=0, config_hash="c", stage="encoder", seed=0)
    )
    assert "nothing has finished yet" in printed(summary(StudyRecord.read(ledger, "new")))


def test_a_large_search_shows_only_its_best(fabricate, monkeypatch):
    made = fabricate()
    monkeypatch.setattr("analysis.read.configurations.FEW", 2)
    assert set(of(made).rows["configuration"]) == {
        "gim",
        "sim kld_weight=0.001",
        "random",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-17, "0.000"),
        (0.5, "0.500"),
        (12.34, "12.3"),
        (1234.5, "1234"),
        (float("nan"), "-"),
        (2e-5, "2e-05"),
    ],
)
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_an_interval_keeps_its_width_or_says_why_there_is_none():
    assert interval_text(-0.1, 0.25, 3) == "[-0.100, +0.250]"
    assert interval_text(0.00071, 0.00079, 3) == "[+0.0007, +0.0008]"
    assert interval_text(float("nan"), float("nan"), 1) == "one seed"
    assert interval_text(float("nan"), float("nan"), 3) == "no spread"


def test_mean_and_half_width_have_equally_many_decimals():
    assert estimate(10.66, 1.434) == "10.7 ±1.4"
    assert estimate(0.5, float("nan")) == "0.500"
    assert estimate(0.5, 0.04, signed=True, compact=True) == "+0.50±0.04"
    assert estimate(-5e-6, 1e-4) == "-5e-06 ±1e-04"
