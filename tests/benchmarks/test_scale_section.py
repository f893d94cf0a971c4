"""The section on scale measures what it says, each case in a process of its own."""

from __future__ import annotations

import pytest

from benchmarks import scale


def test_a_case_runs_elsewhere_and_carries_its_goals() -> None:
    measured = {m.quantity: m for m in scale._case("driver, tpe", scale.driver, "tpe", 20)}
    assert {"first tenth", "last tenth", "memory of 1,000 trials", "taking up again"} <= set(
        measured
    )
    ratio = measured["last tenth to first"]
    assert ratio.goal == scale.FLAT
    quotient = measured["last tenth"].value / measured["first tenth"].value
    assert ratio.value == pytest.approx(quotient)


def test_tenths_are_means_of_the_ends() -> None:
    numbers = scale._tenths([1.0, 3.0, *[50.0] * 16, 4.0, 6.0])
    assert numbers["first tenth", "ms"] == 2000
    assert numbers["last tenth", "ms"] == 5000
    assert numbers["last tenth to first", "x"] == 2.5
