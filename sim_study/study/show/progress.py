"""Where a study stands: counts, best values, what runs now, how long it will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from sim_study.config.decoder import DecoderConfig
from sim_study.config.trial import EncoderConfig, Stage
from sim_study.ledger.ranking import Leader
from sim_study.ledger.records import Member, Result
from sim_study.naming.configurations import setting_words
from sim_study.study.plan.arm_search import Score
from sim_study.study.plan.plan import Plan
from sim_study.study.plan.planned import PlannedTrial
from sim_study.tracking.names import trial_name

SHOWN_STAGES: tuple[Stage, ...] = ("encoder", "probe", "metrics", "views", "decoder")
"""In the order in which a study works through most of its trials."""

BESIDES_STEPS_SECONDS: dict[Stage, float] = dict.fromkeys(SHOWN_STAGES, 1.0) | {"views": 10.0}
"""What a trial takes besides training steps (probes, features, files), in seconds: as seen at 32
channels on 480 words. Assumed for a stage that has not been seen at work yet."""


@dataclass
class Running:
    """A trial at work.

    Args:
        planned: The trial.
        since: `time.monotonic()` at its start, in seconds.
        step: Epochs done.
        steps: Epochs to do; 0 when the stage has none.
        metrics: The latest value of each key.
        first: Epochs done at the first report, and when that was, in seconds; None before it.
    """

    planned: PlannedTrial
    since: float
    step: int = 0
    steps: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    first: tuple[int, float] | None = None

    def seconds_left(self) -> float | None:
        """Estimate from the pace since the first report; None before there is one."""
        if self.first is None or self.step <= self.first[0]:
            return None
        pace = (time.monotonic() - self.first[1]) / (self.step - self.first[0])
        return pace * (self.steps - self.step)


@dataclass(frozen=True)
class Event:
    """Something a person would want to hear of.

    Args:
        kind: started, finished, diverged, failed or note.
        text: In words.
    """

    kind: str
    text: str

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
    """What the live display draws; written by the engine's thread, read by the display's."""

    def __init__(self, study: str, question: str, arms: tuple[str, ...]) -> None:
        self.study = study
        self.question = question
        self.arms = arms
        self.began = time.monotonic()
        # all keys from the start: the display's thread may be walking through them
        self.done: Counts = {(arm, stage): 0 for arm in arms for stage in SHOWN_STAGES}
        self.troubled: Counts = dict(self.done)
        self.expected: dict[Stage, int] = {}
        self._known: dict[Stage, int] = dict.fromkeys(SHOWN_STAGES, 0)
        self._leaders: dict[str, Leader] = {}
        self._standings: dict[tuple[str, int], Standing] = {}  # by arm and number
        self.running: dict[str, Running] = {}
        self.seconds: dict[Stage, list[float]] = {stage: [] for stage in SHOWN_STAGES}
        self.slots = 1
        self.tracking: Callable[[], str] = lambda: ""
        self.listeners: list[Callable[[Event], None]] = []

    def note(self, text: str, kind: str = "note") -> None:
        """Let the listeners hear of something."""
        for listener in self.listeners:
            listener(Event(kind, text))

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
            self._known[planned.member.stage] += 1
        # once the best are known, everything is planned
        self.expected = dict(self._known) if plan.best else plan.expected()
        for planned in (*places, *(p for p in new if p.trial_id in plan.results)):
            member = planned.member
            finished = plan.results[planned.trial_id].status == "finished"
            counts = self.done if finished else self.troubled
            counts[member.arm, member.stage] += 1
            config = planned.trial.config
            if isinstance(config, EncoderConfig) and member.role == "search":
                self._scored(plan, member, plan.score(config))

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
        config = planned.trial.config
        steps = config.epochs if isinstance(config, EncoderConfig | DecoderConfig) else 0
        self.running[planned.trial_id] = Running(planned, time.monotonic(), steps=steps)
        self.note(name_of(planned), "started")

    def reported(self, planned: PlannedTrial, step: int, metrics: dict[str, float]) -> None:
        """A running trial has reported."""
        running = self.running.get(planned.trial_id)
        if running is not None:
            running.step = step
            running.metrics.update(metrics)
            if running.first is None:
                running.first = (step, time.monotonic())

    def ended(self, planned: PlannedTrial, result: Result) -> None:
        """A trial has ended."""
        self.running.pop(planned.trial_id, None)
        said = result.reason
        if result.status == "finished":
            self.seconds[planned.member.stage].append(result.seconds)
            said = headline(result.metrics)
        text = f"{name_of(planned)} ({result.seconds:.0f} s)"
        self.note(f"{text}: {said}" if said else text, result.status)

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

    def seconds_left(self) -> float | None:
        """Estimate the wall time left, in seconds; None until an encoder has shown its pace."""
        running = dict(self.running)
        left = 0.0
        for stage in SHOWN_STAGES:
            own = [r for r in running.values() if r.planned.member.stage == stage]
            known = [pace for r in own if (pace := r.seconds_left()) is not None]
            ended = sum(self.done[arm, stage] + self.troubled[arm, stage] for arm in self.arms)
            waiting = max(0, self.expected.get(stage, 0) - ended - len(own))
            whole = self._whole_trial(stage, own)
            if whole is None and (waiting or len(known) < len(own)):
                if stage == "encoder":
                    return None
                whole = BESIDES_STEPS_SECONDS[stage]
            left += sum(known) + ((len(own) - len(known)) * 0.5 + waiting) * (whole or 0.0)
        return left / self.slots

    def _whole_trial(self, stage: Stage, running: list[Running]) -> float | None:
        measured = [seconds for seconds in self.seconds[stage] if seconds > 1]
        for trial in running:
            left = trial.seconds_left()
            if left is not None:
                measured.append(time.monotonic() - trial.since + left)
        return fmean(measured) if measured else None


def name_of(planned: PlannedTrial) -> str:
    """A trial's name, the same here and in MLflow."""
    name = trial_name(planned.member, planned.member.role, planned.trial)
    return name if planned.member.stage != "encoder" else f"{name} encoder"


HEADLINES = (
    "online/",
    "probe_accuracy/vowel/",
    "probe_accuracy/phone/",
    "probe_accuracy/",
    "mig/mean/",
    "decoder_mse/",
    "dimensions_for_90/",
)


def headline(metrics: Mapping[str, float]) -> str:
    """The one or two numbers a person would ask for first."""
    for prefix in HEADLINES:
        found = {key: value for key, value in metrics.items() if key.startswith(prefix)}
        means = {key: value for key, value in found.items() if key.endswith("/mean")}
        shown = means or dict(list(found.items())[-1:])
        if shown:
            return ", ".join(f"{key} {value:.3g}" for key, value in shown.items())
    return ""
