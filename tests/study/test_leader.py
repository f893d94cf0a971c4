"""The leader is the best mean so far, whatever order the seeds end in."""

from __future__ import annotations

import random

import pytest

from sim_study.ledger.records import Member
from sim_study.study.plan.arm_search import Score
from sim_study.study.show.leader import Leader


def _member(number: int) -> Member:
    return Member(
        trial_id=f"t{number}",
        arm="sim",
        number=number,
        config_hash=f"c{number}",
        stage="encoder",
        seed=1,
        settings={"train.epochs": number},
    )


@pytest.mark.parametrize("maximize", [True, False])
def test_the_leader_is_the_best_of_all_at_every_moment(maximize: bool) -> None:
    chance = random.Random(maximize)
    leader = Leader(maximize)
    values: dict[int, list[float]] = {}
    for _ in range(300):
        number = chance.randrange(20)
        values.setdefault(number, []).append(chance.randrange(10))
        leader.scored(_member(number), Score(False, (tuple(values[number]),)))
        means = {n: sum(v) / len(v) for n, v in values.items()}
        sign = 1 if maximize else -1
        best = max(sorted(means), key=lambda n: sign * means[n])
        standing = leader.standing
        assert standing is not None
        assert standing.settings == f"epochs={best}"
        assert standing.mean == pytest.approx(means[best])
        assert standing.seeds == len(values[best])


def test_without_a_finished_seed_nobody_leads() -> None:
    leader = Leader(True)
    leader.scored(_member(0), Score(True, ((),)))
    leader.scored(_member(0), Score(True, ()))
    assert leader.standing is None
