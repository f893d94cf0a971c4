import math

from sim_study.downstream.select import rank, select
from sim_study.ledger.records import Member


def test_best_mean_comes_first():
    values = {"a": [0.5, 0.6], "b": [0.9, 0.4], "c": [0.1, 0.2]}
    assert rank(values, expected=2, maximize=True) == ["b", "a", "c"]
    assert rank(values, expected=2, maximize=False) == ["c", "a", "b"]


def test_of_equals_the_earlier_proposed():
    assert rank({"z": [0.5], "a": [0.5]}, expected=1, maximize=True) == ["z", "a"]
    assert rank({"z": [0.5], "a": [0.5]}, expected=1, maximize=False) == ["z", "a"]


def test_incomplete_come_after_complete_however_lucky():
    values = {"lucky": [0.99], "two": [0.7, 0.7], "complete": [0.1, 0.1, 0.1], "none": []}
    assert rank(values, expected=3, maximize=True) == ["complete", "two", "lucky"]


def test_nan_counts_as_missing():
    values = {"nan": [0.9, math.nan], "complete": [0.2, 0.2], "only_nan": [math.nan]}
    assert rank(values, expected=2, maximize=True) == ["complete", "nan"]


def member(trial_id: str, number: int, seed: int, **changes: object) -> Member:
    fields = {
        "trial_id": trial_id,
        "arm": "sim",
        "number": number,
        "config_hash": f"config{number}",
        "stage": "encoder",
        "seed": seed,
    }
    return Member.model_validate({**fields, **changes})


def test_select_keeps_the_top_of_each_arm():
    members = [
        member("s1", 1, 0),
        member("s0", 0, 0),
        member("s0b", 0, 1),
        member("s1b", 1, 1),
        member("g0", 0, 0, arm="gim", config_hash="gim0"),
        member("s2", 2, 9, role="confirm"),
        member("p1", 1, 0, stage="probe"),
    ]
    values = {"s0": 0.5, "s0b": 0.7, "s1": 0.6, "s1b": 0.6, "g0": 0.1, "s2": 1.0, "p1": 1.0}
    chosen = select(members, values, expected=2, maximize=True, top=1)
    assert chosen == {"sim": ["config0"], "gim": ["gim0"]}
    assert select(members, values, expected=2, maximize=True, top=5)["sim"] == [
        "config0",
        "config1",
    ]
