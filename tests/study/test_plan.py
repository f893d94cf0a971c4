"""A plan is a pure function of the specification and the results."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sim_study.ledger.records import Result
from sim_study.space.spec import Spec
from sim_study.study.plan.arm_search import ArmSearch
from sim_study.study.plan.plan import Plan
from sim_study.study.plan.planned import PlannedTrial


def _spec(**changes: Any) -> Spec:
    return Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["gim", "sim"],
            "space": {"objective.kld_weight": {"choice": [0.1, 0.2], "when": {"arm": "sim"}}},
            "search": {"algorithm": "grid"},
            "seeds": {"search": [1, 2], "confirm": [7]},
            "downstream": {"decoders": [{"module": 1}]},
            **changes,
        }
    )


class Bookkeeper:
    """Plays the trials: an encoder's value grows with its KL weight."""

    def __init__(self, spec: Spec, earlier: dict[str, Result] | None = None) -> None:
        searches = {arm: ArmSearch(spec, arm, "here") for arm in spec.arms}
        self.plan = Plan(spec, searches, "f", (earlier or {}).get)
        self.plan.refresh()

    def end(self, planned: PlannedTrial, status: str = "finished") -> None:
        value = getattr(getattr(planned.trial.config, "objective", None), "kld_weight", 0.0)
        result = Result(status=status, metrics={"online/vowel/mean": value})  # type: ignore[arg-type]
        self.plan.ended(planned.trial.trial_id, result)
        self.plan.refresh()

    def run(self) -> list[PlannedTrial]:
        ran = []
        while (planned := next(self.plan.runnable(), None)) is not None:
            ran.append(planned)
            self.end(planned)
        return ran


def _stages(ran: list[PlannedTrial]) -> list[str]:
    return [planned.member.stage for planned in ran]


def test_stages_follow_each_other_and_everything_expected_is_run() -> None:
    book = Bookkeeper(_spec())
    ran = book.run()
    assert book.plan.done
    encoders = [p for p in ran if p.member.stage == "encoder"]
    assert [p.member.role for p in encoders] == ["search"] * 6 + ["confirm"] * 2
    best = [p for p in encoders if p.member.role == "confirm"]
    assert best[1].member.settings == {"objective.kld_weight": 0.2}
    # top 1: both arms' best, two search seeds and one confirm seed each
    assert {s: _stages(ran).count(s) for s in ("probe", "metrics", "decoder")} == {
        "probe": 6,
        "metrics": 6,
        "decoder": 6,
    }
    ids = [p.trial.trial_id for p in ran]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("draw", range(3))
def test_a_downstream_trial_waits_for_its_upstream(draw: int) -> None:
    chance = random.Random(draw)
    book = Bookkeeper(_spec(downstream={"top": "all", "views": {}, "decoders": [{"module": 1}]}))
    stages: dict[str, str] = {}
    while runnable := list(book.plan.runnable()):
        for planned in runnable:
            upstream = planned.trial.upstream
            assert upstream is None or upstream in stages, "it has ended before"
        planned = chance.choice(runnable)
        started_from = stages.get(planned.trial.upstream or "")
        expected = {"encoder": None, "probe": "encoder", "decoder": "encoder"}
        assert started_from == expected.get(planned.member.stage, "probe")
        stages[planned.trial_id] = planned.member.stage
        book.end(planned)
    assert book.plan.done


def test_what_waited_takes_its_place_by_priority() -> None:
    """Confirmed first; an encoder's metrics follow its probe at once; seen and heard at the end."""
    book = Bookkeeper(_spec(downstream={"views": {}, "decoders": [{"module": 1}]}))
    ran = [f"{p.member.stage} {p.member.arm} {p.member.seed}" for p in book.run()]
    searched = ["gim 1", "gim 2", "sim 1", "sim 2"]
    best = [*searched, "gim 7", "sim 7"]
    assert ran == [
        *(f"encoder {name}" for name in (*searched, "sim 1", "sim 2", "gim 7", "sim 7")),
        *(f"{stage} {name}" for name in best for stage in ("probe", "metrics")),
        *(f"views {name}" for name in best),
        *(f"decoder {name}" for name in best),
    ]


def test_top_all_examines_every_configuration() -> None:
    book = Bookkeeper(_spec(downstream={"top": "all"}))
    assert _stages(book.run()).count("probe") == 6 + 2
    book.plan.refresh()
    assert sum(book.plan.expected().values()) == len(book.plan.planned)


def test_views_read_the_probes_of_the_best_alone() -> None:
    book = Bookkeeper(_spec(downstream={"top": "all", "views": {}}))
    expected = book.plan.expected()
    ran = book.run()
    assert {stage: _stages(ran).count(stage) for stage in expected} == expected
    probes = {p.trial.trial_id: p.member for p in ran if p.member.stage == "probe"}
    views = [p for p in ran if p.member.stage == "views"]
    assert len(views) == 6  # two arms, two search seeds and one confirm seed each
    assert len(probes) == 8
    for planned in views:
        probe = probes[planned.trial.upstream]
        assert planned.member.source == probe.source
        assert planned.member.config_hash in book.plan.winners[planned.member.arm]


def test_a_probe_that_failed_has_no_views() -> None:
    book = Bookkeeper(_spec(downstream={"views": {}, "metrics": None}))
    while (planned := next(book.plan.runnable(), None)) is not None:
        assert planned.member.stage != "views"
        book.end(planned, "failed" if planned.member.stage == "probe" else "finished")
    assert book.plan.done


def test_expected_counts_come_true() -> None:
    book = Bookkeeper(_spec())
    before = book.plan.expected()
    ran = book.run()
    assert before == {stage: _stages(ran).count(stage) for stage in before}


def test_arms_take_turns() -> None:
    book = Bookkeeper(_spec(arms=["gim", "sim", "random"]))
    first = [planned.member.arm for planned in book.plan.runnable()][:6]
    assert first == ["gim", "gim", "sim", "sim", "random", "random"]


def test_a_diverged_encoder_cuts_off_what_would_examine_it() -> None:
    book = Bookkeeper(_spec(downstream={"top": "all"}))
    first = next(book.plan.runnable())
    book.end(first, "diverged")
    ran = book.run()
    assert all(planned.member.source != first.trial.trial_id for planned in ran)
    assert book.plan.done


def test_a_finished_study_plans_the_same_again() -> None:
    spec = _spec()
    book = Bookkeeper(spec)
    book.run()
    again = Bookkeeper(spec, book.plan.results)
    assert again.plan.done
    assert again.plan.planned == book.plan.planned


@pytest.mark.parametrize("top", [1, "all"])
@pytest.mark.parametrize("draw", range(4))
def test_however_results_arrive_the_plan_is_what_they_alone_make_it(top: Any, draw: int) -> None:
    chance = random.Random(draw)
    spec = _spec(
        arms={"gim": {}, "also": {"method": "gim"}, "sim": {}},
        space={"objective.kld_weight": {"loguniform": [0.1, 1.0], "when": {"arm": "sim"}}},
        search={"algorithm": "tpe", "configurations": 5, "startup": 2},
        downstream={"top": top, "decoders": [{"module": 1}, {"module": 0}]},
    )
    book = Bookkeeper(spec)
    while runnable := list(book.plan.runnable())[:4]:
        book.end(chance.choice(runnable), chance.choice(["finished"] * 6 + ["diverged"]))
        anew = Bookkeeper(spec, book.plan.results).plan
        assert anew.planned == book.plan.planned
        assert list(anew.runnable()) == list(book.plan.runnable())
        assert (anew.best, anew.winners) == (book.plan.best, book.plan.winners)
        assert (anew.done, anew.expected()) == (book.plan.done, book.plan.expected())
    assert book.plan.done


def test_two_arms_with_the_same_configuration_share_its_trials() -> None:
    spec = _spec(arms={"gim": {}, "also": {"method": "gim"}}, space=None)
    book = Bookkeeper(spec)
    ran = book.run()
    assert _stages(ran).count("encoder") == 3
    members = {planned.member.arm for planned in book.plan.planned}
    assert members == {"gim", "also"}
