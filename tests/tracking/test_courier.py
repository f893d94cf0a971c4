"""The courier delivers in the background, survives every fault, and ends with a final pass."""

from __future__ import annotations

import threading

from sim_study.tracking.projection import Courier, Delivery


class FakeProjection:
    def __init__(self, *outcomes: Delivery | Exception) -> None:
        self.outcomes = list(outcomes)
        self.calls: list[str] = []
        self.threads: set[int] = set()
        self.all_made = threading.Event()

    def deliver(self) -> Delivery:
        self.calls.append("deliver")
        self.threads.add(threading.get_ident())
        outcome = self.outcomes.pop(0) if self.outcomes else Delivery(0, 0, None)
        if not self.outcomes:
            self.all_made.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def mark_stopped(self) -> str | None:
        self.calls.append("mark_stopped")
        return None


def test_the_last_things_are_a_pass_and_the_mark():
    projection = FakeProjection()
    courier = Courier(projection, seconds=60)
    courier.start()
    assert projection.all_made.wait(10)
    assert courier.close(10) == Delivery(0, 0, None)
    assert projection.calls == ["deliver", "deliver", "mark_stopped"]
    assert projection.threads != {threading.get_ident()}
    assert len(projection.threads) == 1


def test_a_fault_is_reported_and_the_next_pass_is_made():
    faults: list[str] = []
    projection = FakeProjection(RuntimeError("boom"), Delivery(1, 0, None))
    courier = Courier(projection, seconds=0.01, report=faults.append)
    courier.start()
    assert projection.all_made.wait(10)
    assert courier.close(10).problem is None
    assert len(faults) == 1
    assert "boom" in faults[0]


def test_the_live_view_sees_problem_and_pending():
    projection = FakeProjection(Delivery(0, 3, "no server"))
    courier = Courier(projection, seconds=60)
    courier.start()
    assert projection.all_made.wait(10)
    projection.outcomes = [Delivery(0, 3, "no server")]
    courier.close(10)
    assert (courier.last.pending, courier.last.problem) == (3, "no server")


def test_close_does_not_wait_for_ever():
    release = threading.Event()

    class Stuck(FakeProjection):
        def deliver(self) -> Delivery:
            release.wait(30)
            return super().deliver()

    courier = Courier(Stuck(), seconds=60)
    courier.start()
    assert "not done within 0.05 s" in (courier.close(0.05).problem or "")
    release.set()


def test_closing_a_courier_that_never_started_is_harmless():
    assert Courier(FakeProjection()).close(1) == Delivery(0, 0, None)
