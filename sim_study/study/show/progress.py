"""Where a study stands: counts, best values, what runs now, how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sim_study.config.trial import EncoderConfig, Stage
from sim_study.ledger.ranking import Leader
from sim_study.ledger.records import Member, Result
from sim_study.naming.configurations import setting_words
from sim_study.study.forecast.estimate import epochs_of
from sim_study.study.forecast.time_left import TimeLeft, Underway
from sim_study.study.plan.arm_search import Score
from sim_study.study.plan.plan import Plan
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.show.headline import headline
from sim_study.study.show.running import Running
from sim_study.tracking.names import trial_name

SHOWN_STAGES: tuple[Stage, ...] = ("encoder", "probe", "metrics", "views", "decoder")
"""In the order in which a study works through most of its trials."""


EventKind = Literal["started", "moved", "finished", "diverged", "failed", "retry", "note"]


@dataclass(frozen=True)
class Event:
    """Something that a person may want to hear of.

    Args:
        kind: started; moved, a trial has come to another epoch; how it ended; retry, its worker
            died and another takes it up; note.
        text: In words.
        trial_id: Of the trial; empty for a note.
    """

    kind: EventKind
    text: str
    trial_id: str = ""

    def __str__(self) -> str:
        return self.text if self.kind == "note" else f"{self.kind}: {self.text}"


@dataclass(frozen=True)
class Standing:
    """Where an arm's leading configuration stands.

    Args:
        settings: Its searched settings, in words.
        mean: Over the finished seeds, of the first objective.
        seeds: How many these are.
    """

    settings: str
    mean: float
    seeds: int


Counts = dict[tuple[str, Stage], int]


class Progress:
    """What the live display draws; written by the engine's thread, read by the display's.

    Args:
        study: Its name.
        question: What it asks.
        arms: In the order of the file.
        metric: What "best so far" is the mean of: the first objective.
    """

    def __init__(self, study: str, question: str, arms: tuple[str, ...], metric: str) -> None:
        self.study = study
        self.question = question
        self.arms = arms
        self.metric = metric
        self.began = time.monotonic()
        # all keys from the start: the display's thread may be walking through them
        self.done: Counts = {(arm, stage): 0 for arm in arms for stage in SHOWN_STAGES}
        self.troubled: Counts = dict(self.done)
        self.expected: Counts = dict(self.done)
        self._known: Counts = dict(self.done)
        self._leaders: dict[str, Leader] = {}
        self._standings: dict[tuple[str, int], Standing] = {}  # by arm and number
        self.running: dict[str, Running] = {}
        self.slots = 1
        self.time_left: TimeLeft | None = None
        self.tracking: Callable[[], str] = lambda: ""
        self.listeners: list[Callable[[Event], None]] = []

    def note(self, text: str, kind: EventKind = "note", trial_id: str = "") -> None:
        """Let the listeners hear of something."""
        for listener in self.listeners:
            listener(Event(kind, text, trial_id))

    def grown(
        self, plan: Plan, new: Sequence[PlannedTrial], places: Sequence[PlannedTrial]
    ) -> None:
        """The plan has grown.

        Args:
            plan: As it is now.
            new: What is planned beyond what was; some of it has ended in an earlier run.
            places: The places of a trial that has ended.
        """
        for planned in new:
            self._known[planned.member.arm, planned.member.stage] += 1
        # once the best are known, everything is planned
        for arm in self.arms:
            expected = {} if plan.best else plan.expected_of(arm)
            for stage in SHOWN_STAGES:
                self.expected[arm, stage] = expected.get(stage, self._known[arm, stage])
        for planned in (*places, *(p for p in new if p.trial_id in plan.results)):
            member = planned.member
            finished = plan.results[planned.trial_id].status == "finished"
            counts = self.done if finished else self.troubled
            counts[member.arm, member.stage] += 1
            config = planned.trial.config
            if isinstance(config, EncoderConfig) and member.role == "search":
                self._scored(plan, member, plan.score(config))
        if self.time_left is not None:
            for planned in places[:1]:
                result = plan.results[planned.trial_id]
                seconds = result.seconds if result.status == "finished" else None
                self.time_left.ended(planned.trial_id, seconds)
            for planned in new:
                self.time_left.planned(planned, ended=planned.trial_id in plan.results)

    def leading(self, arm: str) -> Standing | None:
        """Where the leading configuration of an arm stands; None before a seed has finished."""
        leader = self._leaders.get(arm)
        first = leader.first if leader else None
        return None if first is None else self._standings[arm, first]

    def _scored(self, plan: Plan, member: Member, score: Score) -> None:
        arm, number = member.arm, member.number
        if score.count:
            settings = ", ".join(setting_words(member.settings))
            self._standings[arm, number] = Standing(settings, score.means[0], score.count)
        leader = Leader(len(plan.spec.seeds.search), plan.maximize)
        self._leaders.setdefault(arm, leader).scored(number, score.values)

    def started(self, planned: PlannedTrial) -> None:
        """A trial has been handed out."""
        steps = epochs_of(planned.trial.config)
        self.running[planned.trial_id] = Running(planned, time.monotonic(), steps=steps)
        self.note(name_of(planned), "started", planned.trial_id)

    def reported(self, planned: PlannedTrial, step: int, metrics: dict[str, float]) -> None:
        """A running trial has reported."""
        running = self.running.get(planned.trial_id)
        if running is not None:
            moved = step != running.step
            running.step = step
            running.metrics.update(metrics)
            running.last = time.monotonic()
            if running.first is None:
                running.first = (step, running.last)
            if moved:
                self.note(name_of(planned), "moved", planned.trial_id)

    def recovered(self, planned: PlannedTrial, why: str) -> None:
        """A running trial's worker died, and another takes the trial up."""
        self.running.pop(planned.trial_id, None)
        self.note(f"{name_of(planned)}: its worker died: {why}", "retry", planned.trial_id)

    def ended(self, planned: PlannedTrial, result: Result) -> None:
        """A trial has ended."""
        self.running.pop(planned.trial_id, None)
        said = headline(result.metrics) if result.status == "finished" else result.reason
        text = f"{name_of(planned)} ({result.seconds:.0f} s)"
        self.note(f"{text}: {said}" if said else text, result.status, planned.trial_id)

    @property
    def total(self) -> int:
        """Trials expected in the end."""
        return sum(self.expected.values())

    @property
    def ended_count(self) -> int:
        """Trials that have ended."""
        return sum(self.done.values()) + sum(self.troubled.values())

    @property
    def waiting(self) -> int:
        """Trials that have not started."""
        return max(0, self.total - self.ended_count - len(self.running))

    def seconds_left(self) -> tuple[float, bool] | None:
        """Estimate the wall time left.

        Returns:
            Seconds, and whether anything seen stands behind them; None where nobody estimates.
        """
        if self.time_left is None:
            return None
        underway = [
            Underway(trial_id, one.elapsed, one.seconds_left())
            for trial_id, one in list(self.running.items())
        ]
        unplanned = {
            place: count - self._known[place]
            for place, count in self.expected.items()
            if count > self._known[place]
        }
        seconds = self.time_left.seconds(underway, unplanned, self.slots)
        return seconds, self.time_left.is_certain(underway)


def name_of(planned: PlannedTrial) -> str:
    """A trial's name, the same here and in MLflow."""
    name = trial_name(planned.member, planned.member.role, planned.trial)
    return name if planned.member.stage != "encoder" else f"{name} encoder"
