"""How long is left: estimates at first, then what was seen, stages not yet begun included."""

from __future__ import annotations

import pytest

from sim_study.config.trial import EncoderConfig, Stage, StageConfig
from sim_study.space.spec import Spec
from sim_study.study.forecast.estimate import Estimate, Estimator, likeness
from sim_study.study.forecast.time_left import DOUBT_SECONDS, TimeLeft, Underway
from sim_study.study.plan.arm_search import ArmSearch, Score
from sim_study.study.plan.planned import PlannedTrial, examinations, replicates

ENCODER, PROBE, METRICS = 100.0, 10.0, 20.0
FORETOLD: dict[Stage, float] = {"encoder": ENCODER, "probe": PROBE, "metrics": METRICS}


class Foretold(Estimator):
    """Estimates that a test can add up; an untrained encoder takes a second."""

    def __init__(self) -> None:
        pass

    def trial(self, stage: Stage, config: StageConfig, encoder: EncoderConfig) -> Estimate:
        idle = isinstance(config, EncoderConfig) and not config.traits.trained
        return Estimate(1.0 if idle else FORETOLD[stage], seen=False)


def _spec(*arms: str) -> Spec:
    corpus = {"name": "synthetic-speech"}
    return Spec.model_validate({"study": "s", "corpus": corpus, "arms": list(arms)})


def _encoders(spec: Spec, arm: str, seeds: tuple[int, ...] = (1, 2)) -> list[PlannedTrial]:
    (proposal,) = ArmSearch(spec, arm, "here", []).extend(lambda config: Score(False, ()))
    return list(replicates("search", list(spec.arms), arm, proposal, 0, seeds, "f"))


@pytest.fixture
def spec() -> Spec:
    return _spec("gim", "sim")


def test_before_anything_has_run_every_expected_trial_has_its_estimate(spec: Spec) -> None:
    left = TimeLeft(Foretold(), spec.downstream)
    for planned in _encoders(spec, "gim"):
        left.planned(planned, ended=False)
    unplanned: dict[tuple[str, Stage], int] = {("gim", "probe"): 2, ("gim", "metrics"): 2}
    whole = 2 * (ENCODER + PROBE + METRICS)
    assert left.seconds([], unplanned, 1) == pytest.approx(whole)
    assert left.seconds([], unplanned, 2) == pytest.approx(whole / 2)
    assert not left.is_certain([])
    assert left.seconds([], {}, 8) == pytest.approx(2 * ENCODER / 8)


def test_trials_that_are_planned_are_not_counted_as_expected_too(spec: Spec) -> None:
    left = TimeLeft(Foretold(), spec.downstream)
    for encoder in _encoders(spec, "gim"):
        for planned in (encoder, *examinations(encoder, spec.downstream)):
            left.planned(planned, ended=False)
    assert left.seconds([], {}, 1) == pytest.approx(2 * (ENCODER + PROBE + METRICS))


def test_like_trials_take_what_they_took_and_other_stages_go_by_the_pace(spec: Spec) -> None:
    left = TimeLeft(Foretold(), spec.downstream)
    first, second = _encoders(spec, "gim")
    for planned in (first, second):
        left.planned(planned, ended=False)
    left.ended(first.trial_id, 300.0)
    assert left.is_certain([])
    assert left.seconds([], {}, 1) == pytest.approx(300.0)
    pace = (300 + DOUBT_SECONDS) / (ENCODER + DOUBT_SECONDS)
    assert left.seconds([], {("gim", "probe"): 4}, 1) == pytest.approx(300 + 4 * PROBE * pace)


def test_a_trial_at_work_shows_the_pace_of_those_to_come(spec: Spec) -> None:
    left = TimeLeft(Foretold(), spec.downstream)
    first, second = _encoders(spec, "gim")
    for planned in (first, second):
        left.planned(planned, ended=False)
    without = Underway(first.trial_id, 30.0, None)
    assert left.seconds([without], {}, 1) == pytest.approx(70 + ENCODER)
    shown = Underway(first.trial_id, 30.0, 10.0)
    assert left.is_certain([shown])
    assert not left.is_certain([without])
    assert left.seconds([shown], {}, 1) == pytest.approx(10 + 40)
    assert left.seconds([shown], {}, 100) == pytest.approx(10), "it cannot end before this one"
    late = Underway(first.trial_id, 500.0, None)
    assert left.seconds([late], {}, 1) == pytest.approx(50 + ENCODER), "late, not over"


def test_a_short_odd_trial_says_little_about_long_ones(spec: Spec) -> None:
    """An untrained encoder that took four times its second does not make a study four times as
    long."""
    both = _spec("gim", "random")
    left = TimeLeft(Foretold(), both.downstream)
    gim, random = _encoders(both, "gim")[0], _encoders(both, "random")[0]
    assert likeness("encoder", gim.trial.config) != likeness("encoder", random.trial.config)
    left.planned(random, ended=False)
    left.planned(gim, ended=False)
    left.ended(random.trial_id, 4.0)
    assert left.seconds([], {}, 1) == pytest.approx(ENCODER * 14 / 11)


def test_what_failed_or_ended_before_teaches_nothing(spec: Spec) -> None:
    left = TimeLeft(Foretold(), spec.downstream)
    first, second = _encoders(spec, "gim")
    left.planned(first, ended=True)
    left.planned(second, ended=False)
    assert left.seconds([], {}, 1) == pytest.approx(ENCODER)
    left.ended(second.trial_id, None)
    assert left.seconds([], {}, 1) == 0
    assert left.seconds([], {("sim", "probe"): 3}, 1) == 0, "an arm that nothing is known of"
