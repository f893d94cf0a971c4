"""A session plans from the ledger, hands out trials once, and goes on where another stopped."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result
from sim_study.ledger.study_facts import StudyFacts
from sim_study.naming.configurations import setting_words
from sim_study.space.spec import Spec
from sim_study.study.run.session import Session

CORPUS = {"name": "synthetic-speech", "fingerprint": "f"}


def _spec(**changes: Any) -> Spec:
    return Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["gim", "sim"],
            "space": {
                "objective.kld_weight": {"loguniform": [1e-4, 1], "when": {"arm": "sim"}},
            },
            "search": {"configurations": 4},
            "seeds": 2,
            **changes,
        }
    )


def _session(
    output: Path, spec: Spec | None = None, *, replace: bool = False, fresh: bool = False
) -> Session:
    session = Session(spec or _spec(), "here", Ledger(output), CORPUS, fresh=fresh)
    session.open(replace=replace)
    return session


def _work(session: Session, trials: int, status: str = "finished") -> list[str]:
    """Run trials the way Ray would, writing results to the ledger."""
    ran: list[str] = []
    while len(ran) < trials and (planned := session.next_trial(set())) is not None:
        trial = planned.trial
        weight = getattr(getattr(trial.config, "objective", None), "kld_weight", 0.0)
        folder = session.ledger.folder(trial.trial_id)
        folder.begin(trial)
        metrics = {"online/vowel/mean": 1 - weight}
        folder.end(Result(status=status, metrics=metrics))  # type: ignore[arg-type]
        result = folder.result()
        assert result is not None
        session.ended(planned, result)
        ran.append(trial.trial_id)
    return ran


def test_a_continued_study_runs_the_rest_and_proposes_the_same(tmp_path: Path) -> None:
    whole = _session(tmp_path / "whole")
    everything = _work(whole, 1000)
    assert whole.plan.done
    first = _work(_session(tmp_path / "parts"), 5)
    second_session = _session(tmp_path / "parts")
    second = _work(second_session, 1000)
    assert second_session.plan.done
    assert not set(first) & set(second)
    assert set(first) | set(second) == set(everything)
    facts = [(tmp_path / name / "studies/s/study.json").read_text() for name in ("whole", "parts")]
    assert facts[0] == facts[1]


@pytest.mark.parametrize("draw", range(6))
def test_at_the_end_the_view_s_leader_is_the_plan_s_choice(tmp_path: Path, draw: int) -> None:
    """Few values, so that means are often equal, and some seeds are lost."""
    chance = random.Random(draw)
    directions = ["maximize", "minimize"][: 1 + draw % 2]
    objectives = [{"metric": f"online/vowel/{i}", "direction": d} for i, d in enumerate(directions)]
    search = {"algorithm": "random", "configurations": 12, "objectives": objectives}
    session = _session(tmp_path, _spec(search=search))
    while (planned := session.next_trial(set())) is not None:
        metrics = {objective["metric"]: chance.randrange(3) / 2 for objective in objectives}
        status = chance.choice(["finished"] * 5 + ["diverged"])
        session.ended(planned, Result(status=status, metrics=metrics))  # type: ignore[arg-type]
    by_hash = {p.config.config_hash: p for p in session.searches["sim"].proposals}
    best = by_hash[session.plan.best["sim"][0]]
    score, leading = session.plan.score(best.config), session.progress.leading("sim")
    assert leading is not None
    assert leading.settings == ", ".join(setting_words(best.settings))
    assert (leading.mean, leading.seeds) == (score.means[0], score.count)
    assert StudyFacts.read(session.folder).best["sim"] == session.plan.best["sim"][0]


def test_busy_trials_are_not_handed_out_twice(tmp_path: Path) -> None:
    session = _session(tmp_path)
    busy: set[str] = set()
    while (planned := session.next_trial(busy)) is not None:
        busy.add(planned.trial.trial_id)
    # gim's 2 seeds, and the 2 sim proposals that may be in flight, with 2 seeds each
    assert len(busy) == 6


def test_a_failed_trial_is_tried_again_by_the_next_session_only(tmp_path: Path) -> None:
    session = _session(tmp_path)
    failed = _work(session, 1, status="failed")[0]
    rest = _work(session, 1000)
    assert failed not in rest
    assert [p.trial.trial_id for p, _ in session.unfinished()] == [failed]
    again = _session(tmp_path)
    assert failed in _work(again, 1000)
    assert not again.unfinished()


def test_a_diverged_trial_is_not_tried_again(tmp_path: Path) -> None:
    diverged = _work(_session(tmp_path), 1, status="diverged")[0]
    assert diverged not in _work(_session(tmp_path), 1000)


def test_fresh_runs_everything_again_once(tmp_path: Path) -> None:
    before = _work(_session(tmp_path), 1000)
    assert not _work(_session(tmp_path), 1000)
    fresh = _session(tmp_path, fresh=True)
    assert set(_work(fresh, 1000)) == set(before)
    assert fresh.plan.done


def test_fresh_refuses_to_delete_a_trial_that_is_running(tmp_path: Path) -> None:
    trial_id = _work(_session(tmp_path), 1)[0]
    folder = Ledger(tmp_path).folder(trial_id)
    with folder.lock(), pytest.raises(UserError, match="another process is running it"):
        _session(tmp_path, fresh=True)
    assert folder.result() is not None


def test_an_interrupted_fresh_run_leaves_no_old_result_behind(tmp_path: Path) -> None:
    before = set(_work(_session(tmp_path), 1000))
    _work(_session(tmp_path, fresh=True), 2)
    assert len(_work(_session(tmp_path), 1000)) == len(before) - 2


def test_another_training_is_searched_anew(tmp_path: Path) -> None:
    _work(_session(tmp_path), 1000)
    other = _session(tmp_path, _spec(train={"epochs": 7}), replace=True)
    assert len(other.searches["sim"].proposals) == 2, "in flight, not replayed"


def test_with_several_objectives_the_whole_front_is_confirmed(tmp_path: Path) -> None:
    spec = _spec(
        space={"objective.kld_weight": {"choice": [0.1, 0.2, 0.3], "when": {"arm": "sim"}}},
        search={
            "algorithm": "grid",
            "objectives": [
                {"metric": "online/vowel/mean"},
                {"metric": "online/vowel/mean", "direction": "minimize"},
            ],
        },
        seeds={"search": 1, "confirm": 1},
    )
    session = _session(tmp_path, spec)
    _work(session, 1000)
    confirmed = [p for p in session.plan.planned if p.member.role == "confirm"]
    encoders = [p for p in confirmed if p.member.stage == "encoder"]
    assert [p.member.arm for p in encoders] == ["gim", "sim", "sim", "sim"]
    assert len(StudyFacts.read(session.folder).front["sim"]) == 3


def test_members_of_an_earlier_version_of_the_file_leave(tmp_path: Path) -> None:
    _work(_session(tmp_path), 1000)
    changed = _session(tmp_path, _spec(train={"epochs": 7}), replace=True)
    members = changed.folder.members()
    assert {m.trial_id for m in members} == {p.trial.trial_id for p in changed.plan.planned}
    before = len(list((tmp_path / "trials").glob("*/result.json")))
    _work(changed, 1000)
    assert len(list((tmp_path / "trials").glob("*/result.json"))) == 2 * before


def test_nothing_is_written_before_a_session_opens(tmp_path: Path) -> None:
    session = Session(_spec(), "here", Ledger(tmp_path / "none"), CORPUS)
    assert not session.succession.leaving
    assert session.plan.planned
    assert not (tmp_path / "none").exists()


def test_the_study_file_names_the_best_of_each_arm(tmp_path: Path) -> None:
    session = _session(tmp_path)
    _work(session, 1000)
    best = StudyFacts.read(session.folder).best
    weights = {
        p.config.config_hash: p.settings["objective.kld_weight"]
        for p in session.searches["sim"].proposals
    }
    assert weights[best["sim"]] == min(weights.values())
    assert set(best) == {"gim", "sim"}


TEST = "accuracy, vowel, context, sim - gim"


def test_tests_are_recorded_before_the_first_trial(tmp_path: Path) -> None:
    asked = ["--space", "s.yaml"]
    session = _session(tmp_path, _spec(tests=[TEST]), asked=asked)
    facts = StudyFacts.read(session.folder)
    assert [str(one) for one in facts.tests or ()] == [TEST]
    assert (facts.tests_first, facts.ended_before) == (facts.tests, 0)
    assert facts.asked == ("--space", "s.yaml")
    _work(session, 1000)
    assert StudyFacts.read(session.folder).tests_first == facts.tests
    assert StudyFacts.read(session.folder).ended_before == 0


def test_tests_may_change_until_there_are_results(tmp_path: Path) -> None:
    _session(tmp_path, _spec(tests=[TEST]))
    other = [TEST.replace("context", "module 1")]
    changed = StudyFacts.read(_session(tmp_path, _spec(tests=other)).folder)
    assert [str(one) for one in changed.tests_first or ()] == other
    _work(_session(tmp_path, _spec(tests=other)), 1)
    late = StudyFacts.read(_session(tmp_path, _spec(tests=[TEST])).folder)
    assert [str(one) for one in late.tests or ()] == [TEST]
    assert [str(one) for one in late.tests_first or ()] == other
    anew = StudyFacts.read(_session(tmp_path, _spec(tests=[TEST]), fresh=True).folder)
    assert anew.tests_first == anew.tests


def test_a_study_of_before_says_how_much_it_had_seen(tmp_path: Path) -> None:
    session = _session(tmp_path)
    _work(session, 3)
    folder = session.folder
    folder.write("study.json", {"name": "s", "question": ""})
    assert StudyFacts.read(folder).tests is None
    facts = StudyFacts.read(_session(tmp_path).folder)
    assert facts.ended_before == 3
    assert facts.tests_first == facts.tests
