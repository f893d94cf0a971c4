"""The best configuration is best on average, and on all its seeds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from sim_study.ledger.ranking import Leader, Values, fronts, ranked_fronts


def best_first(scores: Mapping[str, Values], expected: int, maximize: Sequence[bool]) -> list[str]:
    return [name for front in ranked_fronts(scores, expected, maximize) for name in front]


def test_the_mean_decides_not_the_luckiest_seed() -> None:
    scores = {"lucky": [[0.1, 0.99]], "steady": [[0.6, 0.61]]}
    assert best_first(scores, 2, [True]) == ["steady", "lucky"]
    assert best_first(scores, 2, [False]) == ["lucky", "steady"]


def test_lost_replicates_come_after_complete_ones() -> None:
    scores: dict[str, list[list[float]]] = {
        "all_lost": [],
        "one_lost": [[0.9]],
        "whole": [[0.2, 0.2]],
    }
    assert best_first(scores, 2, [True]) == ["whole", "one_lost", "all_lost"]


def test_ties_keep_their_order() -> None:
    assert best_first({"b": [[0.5]], "a": [[0.5]]}, 1, [True]) == ["b", "a"]


def test_with_two_objectives_the_front_comes_first() -> None:
    scores = {
        "dominated": [[0.5], [5.0]],
        "accurate": [[0.9], [4.0]],
        "disentangled": [[0.6], [1.0]],
    }
    assert ranked_fronts(scores, 1, [True, False]) == [["accurate", "disentangled"], ["dominated"]]


def test_fronts_peel() -> None:
    assert fronts({"a": (1, 1), "b": (2, 2), "c": (0, 3)}) == [["b", "c"], ["a"]]


@pytest.mark.parametrize("objectives", [1, 2, 3])
def test_fronts_are_what_peeling_one_after_another_gives(objectives: int) -> None:
    draw = random.Random(objectives)
    gains = {
        f"c{number}": tuple(draw.randrange(8) for _ in range(objectives)) for number in range(60)
    }

    def beats(a: str, b: str) -> bool:
        pairs = list(zip(gains[a], gains[b], strict=True))
        return all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)

    left, peeled = list(gains), []
    while left:
        front = [name for name in left if not any(beats(other, name) for other in left)]
        peeled.append(sorted(front, key=lambda name: -gains[name][0]))
        left = [name for name in left if name not in front]
    assert fronts(gains) == peeled


@pytest.mark.parametrize("maximize", [True, False])
def test_the_leader_is_the_best_of_all_at_every_moment(maximize: bool) -> None:
    chance = random.Random(maximize)
    leader = Leader(1, [maximize])
    values: dict[int, list[float]] = {}
    for _ in range(300):
        number = chance.randrange(20)
        values.setdefault(number, []).append(chance.randrange(10))
        leader.scored(number, (tuple(values[number]),))
        means = {n: sum(v) / len(v) for n, v in values.items()}
        sign = 1 if maximize else -1
        assert leader.first == max(sorted(means), key=lambda n: sign * means[n])


@pytest.mark.parametrize("objectives", [1, 2, 3])
def test_the_leader_is_the_first_of_the_ranking_at_every_moment(objectives: int) -> None:
    chance = random.Random(objectives)
    maximize = [True, False, True][:objectives]
    leader, values = Leader(3, maximize), dict[int, list[tuple[float, ...]]]()
    for _ in range(400):
        number = chance.randrange(12)
        ended = [chance.randrange(4) for _ in maximize]
        before = values.get(number, [()] * objectives)
        values[number] = [(*of, value) for of, value in zip(before, ended, strict=True)]
        leader.scored(number, values[number])
        scores = {str(n): values[n] for n in sorted(values)}
        assert str(leader.first) == best_first(scores, 3, maximize)[0]


def test_without_a_finished_seed_nobody_leads() -> None:
    leader = Leader(2, [True])
    leader.scored(0, ((),))
    leader.scored(0, ())
    assert leader.first is None
