"""A study under other settings: finished trials leave only when asked; what is new is said."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member, Result
from sim_study.space.spec import Spec
from sim_study.study.run.deletion import deletion_lines
from sim_study.study.run.session import Session

CORPUS = {"name": "synthetic-speech", "fingerprint": "f" * 16}
DRAWN = {"objective.kld_weight": {"loguniform": [1e-4, 1], "when": {"arm": "sim"}}}


def _spec(**changes: Any) -> Spec:
    return Spec.model_validate(
        {
            "study": "s",
            "corpus": {"name": "synthetic-speech"},
            "arms": ["gim", "sim"],
            "space": {
                "objective.kld_weight": {"choice": [0.1, 0.2], "when": {"arm": "sim"}},
            },
            "search": {"algorithm": "grid", "in_flight": 1},
            "seeds": 2,
            "downstream": {"probe": {"epochs": 3}, "metrics": None},
            **changes,
        }
    )


def _session(output: Path, spec: Spec, **options: Any) -> Session:
    return Session(spec, "here", Ledger(output), options.pop("corpus", CORPUS), **options)


def _run(output: Path, spec: Spec, trials: int = 1000, **options: Any) -> Session:
    """Run trials the way Ray would; the smallest weight wins."""
    session = _session(output, spec)
    session.open(**options)
    for _ in range(trials):
        if (planned := session.next_trial(set())) is None:
            break
        folder = session.ledger.folder(planned.trial_id)
        folder.begin(planned.trial)
        weight = getattr(getattr(planned.trial.config, "objective", None), "kld_weight", 0.0)
        result = Result(status="finished", metrics={"online/vowel/mean": 1 - weight}, seconds=60)
        folder.end(result)
        session.ended(planned, result)
    return session


def _ids(members: Iterable[Member]) -> set[tuple[str, str]]:
    return {(member.trial_id, member.arm) for member in members}


def _members(output: Path) -> set[tuple[str, str]]:
    return _ids(Ledger(output).study("s").members())


OTHERS = {
    "train": ({"train": {"epochs": 7}}, 10, "train.epochs: 1000 -> 7"),
    "fewer seeds": ({"seeds": 1}, 5, "seeds: 2 -> no more"),
    "an arm less": ({"arms": ["sim"]}, 4, "arms: gim -> no more"),
    "a weight less": (
        {"space": {"objective.kld_weight": {"choice": [0.1], "when": {"arm": "sim"}}}},
        2,
        "space.objective.kld_weight: 0.2 -> no more",
    ),
    "a dimension less": (
        {"space": None, "objective": {"kld_weight": 0.1}},
        2,
        "space.objective.kld_weight: 0.2 -> not searched",
    ),
    "a probe of another kind": (
        {"downstream": {"probe": {"epochs": 4}, "metrics": None}},
        4,
        "downstream.probe.epochs: 3 -> 4",
    ),
    "no probe": ({"downstream": {"probe": None, "metrics": None}}, 4, "downstream.probe: there"),
    "another corpus": ({}, 10, "corpus: ffffffffffff -> eeeeeeeeeeee"),
    "another search": (
        {"space": DRAWN, "search": {"algorithm": "random", "configurations": 2}},
        6,
        "search: as it was -> of another kind",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_finished_trials_leave_only_when_asked_and_it_says_what_differs(
    tmp_path: Path, name: str
) -> None:
    changes, leaving, words = OTHERS[name]
    _run(tmp_path, _spec())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json*")}
    assert len(_members(tmp_path)) == 10
    corpus = {**CORPUS, "fingerprint": "e" * 16} if name == "another corpus" else CORPUS
    session = _session(tmp_path, _spec(**changes), corpus=corpus)
    with pytest.raises(UserError) as refused:
        session.open()
    text = str(refused.value)
    assert f"study s has {leaving} finished trials of other settings" in text
    assert words in text
    assert "--set study=NAME" in text
    assert "--replace" in text
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json*")} == before
    replaced = _session(tmp_path, _spec(**changes), corpus=corpus)
    replaced.open(replace=True)
    assert len({p.member.trial_id for p in replaced.plan.planned}) > 0
    assert _members(tmp_path) == _ids(
        [*(p.member for p in replaced.plan.planned), *replaced.succession.staying]
    )


WEIGHTS = {"objective.kld_weight": {"choice": [0.05, 0.1, 0.2], "when": {"arm": "sim"}}}
DECODER = {"probe": {"epochs": 3}, "metrics": None, "decoders": [{"module": 1}]}
MORE = {
    "a seed": ({"seeds": 3}, "seed 3"),
    "seeds to confirm": ({"seeds": {"search": 2, "confirm": 2}}, "seeds 3, 4"),
    "a weight, which wins": ({"space": WEIGHTS}, "sim kld_weight=0.05"),
    "an arm": ({"arms": ["gim", "sim", "random"]}, "random"),
    "decoders": ({"downstream": DECODER}, "4 decoder trials"),
    "more cores": ({"resources": {"cpus": 2}}, ""),
    "all at once": ({"seeds": 3, "space": WEIGHTS, "downstream": DECODER}, "seed 3"),
}


@pytest.mark.parametrize("name", MORE)
def test_what_is_added_needs_no_question_and_takes_nothing_away(tmp_path: Path, name: str) -> None:
    changes, words = MORE[name]
    _run(tmp_path, _spec())
    before = _members(tmp_path)
    session = _run(tmp_path, _spec(**changes), trials=0)
    assert words in "; ".join(session.succession.news)
    assert before <= _members(tmp_path), "the study is whole while new trials run"
    done = _run(tmp_path, _spec(**changes))
    assert done.plan.done
    assert _members(tmp_path) == _ids(p.member for p in done.plan.planned)


def test_a_better_configuration_takes_the_place_of_the_best_without_a_question(
    tmp_path: Path,
) -> None:
    """Even where another study has already trained it."""
    _run(tmp_path, _spec())
    _run(tmp_path, _spec(study="t", space=WEIGHTS))
    session = _run(tmp_path, _spec(space=WEIGHTS), trials=0)
    assert session.plan.done
    best = session.plan.best["sim"][0]
    probed = [m for m in session.folder.members() if (m.stage, m.arm) == ("probe", "sim")]
    assert {member.config_hash for member in probed} == {best}


def test_examining_fewer_than_before_is_asked(tmp_path: Path) -> None:
    every = {"probe": {"epochs": 3}, "metrics": None, "top": "all"}
    _run(tmp_path, _spec(downstream=every))
    with pytest.raises(UserError, match=r"2 finished trials .*\n  downstream.top: 2 -> 1"):
        _session(tmp_path, _spec()).open()


@pytest.mark.parametrize("algorithm", ["random", "tpe"])
@pytest.mark.parametrize("trials", [3, 9, 1000])
def test_a_search_that_draws_goes_on_without_a_question(
    tmp_path: Path, algorithm: str, trials: int
) -> None:
    search = {"algorithm": algorithm, "configurations": 3, "in_flight": 1}
    _run(tmp_path, _spec(space=DRAWN, search=search), trials)
    before = _members(tmp_path)
    for more in ({}, {"seeds": 3}, {"search": {**search, "configurations": 4}}):
        session = _session(tmp_path, _spec(**{"space": DRAWN, "search": search, **more}))
        session.open()
        assert before <= _members(tmp_path)


def test_fewer_configurations_than_were_drawn_are_asked_about(tmp_path: Path) -> None:
    search = {"algorithm": "random", "configurations": 3}
    _run(tmp_path, _spec(space=DRAWN, search=search))
    fewer = _session(tmp_path, _spec(space=DRAWN, search={**search, "configurations": 2}))
    with pytest.raises(UserError, match="finished trials of other settings"):
        fewer.open()


def test_fresh_says_what_it_deletes_and_which_studies_lose_it(tmp_path: Path) -> None:
    _run(tmp_path, _spec())
    _run(tmp_path, _spec(study="t", seeds=3))
    session = _session(tmp_path, _spec(), fresh=True)
    lines = deletion_lines(session.ledger, "s", session.doomed)
    assert (
        lines[0] == f"--fresh deletes 10 trials of {tmp_path} (6 encoder, 4 probe; 10:00 of work)"
    )
    assert lines[1].startswith("  study t loses 10 of them: ")
    session.open()
    gone = [name for name in session.ledger.study("t").members() if not _exists(session, name)]
    assert len(gone) == 10
    later = _session(tmp_path, _spec(study="u", seeds=3), fresh=True)
    assert len(later.doomed) == 3, "what another study has left, and this one comes to"


def _exists(session: Session, member: Member) -> bool:
    return session.ledger.folder(member.trial_id).result() is not None
