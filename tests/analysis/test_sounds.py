"""What decoders wrote is found by its folders, also where studies of before put it."""

from __future__ import annotations

import pytest

from analysis.figures.contribution import draw_contribution
from analysis.read.configurations import read_configurations
from analysis.read.replicates import values_by_seed
from analysis.read.runs import read_runs
from analysis.read.sounds import shelves, sounds
from analysis.read.table import metric_table
from analysis.report.players import shelves_list
from sim_study.ledger.study_facts import StudyFacts


@pytest.fixture(scope="module")
def study(fabricate):
    made = fabricate(name="sounds")
    runs = read_runs(made.ledger, "sounds")
    configurations = read_configurations(runs, StudyFacts.read(made.ledger.study("sounds")))
    return made, runs, [one for one in configurations if one.is_best]


def test_words_and_shelves_of_one_seed_an_arm(study):
    _, runs, best = study
    (word,) = sounds(runs, best)
    titles = [title for title, _ in word.decoded]
    assert titles == ["gim, module 0, mse_mel", "sim, module 0, mse_mel"]
    assert word.original.parent.name == "reconstructions"
    found = shelves(runs, best)
    assert [(shelf.decoder, shelf.name) for shelf in found] == [
        (title, "draws") for title in titles
    ]
    assert [[title for title, _ in row] for row in found[0].rows] == [["draw 0"]]
    assert all(file.is_file() for shelf in found for row in shelf.rows for _, file in row)


def test_words_lie_where_studies_of_before_put_them(fabricate):
    made = fabricate(name="old")
    runs = read_runs(made.ledger, "old")
    for run in runs:
        for path in run.folder.artifacts.glob("reconstructions/*.wav"):
            path.rename(run.folder.artifacts / path.name)
    (word,) = sounds(runs, read_configurations(runs, StudyFacts.read(made.ledger.study("old"))))
    assert word.original.parent.name == "artifacts"


def test_a_picture_is_shown_where_there_is_one(study):
    _, runs, best = study
    found = shelves(runs, best)
    assert "<img" not in shelves_list(found)
    found[0].picture.write_bytes(b"not looked into")
    assert shelves_list(found).count("<img") == 1


def test_the_contribution_curve_ends_at_all_dimensions(study):
    made, _, best = study
    table = metric_table(made.ledger, "sounds")
    values = {(one.arm, one.config_hash): values_by_seed(table, one) for one in best}
    figure = draw_contribution(best, values)
    means = [line for line in figure.axes[0].lines if line.get_label() in ("gim", *_sim(best))]
    assert len(means) == 2
    for line in means:
        assert line.get_xdata().tolist() == [2, 4, 8, 16]
        assert line.get_ydata()[-1] == 0
    assert draw_contribution(best, {key: {} for key in values}) is None


def _sim(best):
    return [one.label for one in best if one.arm == "sim"]
