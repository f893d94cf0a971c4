"""Curves of perturbed clips: means and intervals over the seeds that count."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.figures.robustness import draw_robustness
from analysis.read.configurations import finished_runs
from analysis.read.study import StudyRecord
from analysis.statistics.intervals import mean_interval
from sim_study.ledger.robustness_file import RobustnessPoint, write_robustness


def test_without_points_there_is_no_figure(fake):
    study = StudyRecord.read(fake.ledger, "kld")
    assert draw_robustness(study.runs, study.best) is None


def test_curves_are_means_over_seeds_and_gain_goes_through_clean_clips(fake):
    study = StudyRecord.read(fake.ledger, "kld")
    one = study.best[0]
    clean, louder, noisy = [], [], []
    for number, run in enumerate(finished_runs(study.runs, one, "probe")):
        of_seed = (0.9 + 0.01 * number, 0.7 + 0.02 * number, 0.5 - 0.03 * number)
        run.folder.artifacts.mkdir(parents=True, exist_ok=True)
        places = (("clean", 0.0), ("gain", 6.0), ("white", 10.0))
        points = [
            RobustnessPoint("vowel", "context", kind, level, accuracy, 10)
            for (kind, level), accuracy in zip(places, of_seed, strict=True)
        ]
        write_robustness(run.folder.artifacts, points)
        if run.encoder.seed in one.counted_seeds:
            for values, value in zip((clean, louder, noisy), of_seed, strict=True):
                values.append(value)
    figure = draw_robustness(study.runs, [one])
    gain, white, babble = figure.axes
    assert gain.lines[0].get_xdata().tolist() == [0, 6]
    assert gain.lines[0].get_ydata() == pytest.approx([np.mean(clean), np.mean(louder)])
    assert white.lines[0].get_ydata() == pytest.approx([np.mean(noisy)])
    assert not babble.lines
    band = gain.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(mean_interval(clean).high)
    assert gain.get_ylabel() == "vowel\ncontext"
