"""What decoders wrote is found by its folders, also where studies of before put it."""

from __future__ import annotations

import pytest

from analysis.figures.contribution import draw_contribution
from analysis.read.sounds import decoded_words, sound_tables
from analysis.read.study import StudyRecord
from analysis.report.html_report import tables_list
from analysis.statistics.measured import Measured


@pytest.fixture(scope="module")
def study(fabricate):
    made = fabricate(name="sounds")
    return StudyRecord.read(made.ledger, "sounds")


def test_words_and_tables_of_one_seed_an_arm(study):
    (word,) = decoded_words(study.runs, study.best)
    titles = [title for title, _ in word.decoded]
    assert titles == ["gim, module 0, mse_mel", "sim, module 0, mse_mel"]
    assert word.original.parent.name == "reconstructions"
    found = sound_tables(study.runs, study.best)
    assert [(table.decoder, table.name) for table in found] == [
        (title, "draws") for title in titles
    ]
    assert [[title for title, _ in row] for row in found[0].rows] == [["draw 0"]]
    assert all(file.is_file() for table in found for row in table.rows for _, file in row)


def test_words_lie_where_studies_of_before_put_them(fabricate):
    made = fabricate(name="old")
    study = StudyRecord.read(made.ledger, "old")
    for run in study.runs:
        for path in run.folder.artifacts.glob("reconstructions/*.wav"):
            path.rename(run.folder.artifacts / path.name)
    (word,) = decoded_words(study.runs, study.configurations)
    assert word.original.parent.name == "artifacts"


def test_a_picture_is_shown_where_there_is_one(study):
    found = sound_tables(study.runs, study.best)
    assert "<img" not in tables_list(found)
    found[0].picture.write_bytes(b"not looked into")
    assert tables_list(found).count("<img") == 1


def test_the_contribution_curve_ends_at_all_dimensions(study):
    best = study.best
    figure = draw_contribution([Measured(one, study.values(one)) for one in best])
    means = [line for line in figure.axes[0].lines if line.get_label() in ("gim", *_sim(best))]
    assert len(means) == 2
    for line in means:
        assert line.get_xdata().tolist() == [2, 4, 8, 16]
        assert line.get_ydata()[-1] == 0
    assert draw_contribution([Measured(one, {}) for one in best]) is None


def _sim(best):
    return [one.label for one in best if one.arm == "sim"]
