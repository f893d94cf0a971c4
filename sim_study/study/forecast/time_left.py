"""How long a running study will still take: what was estimated, corrected by what has been seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import NamedTuple

from sim_study.config.trial import EncoderConfig, Stage, StageConfig
from sim_study.space.spec import Downstream
from sim_study.study.forecast.estimate import Estimator, epochs_of, likeness
from sim_study.study.plan.planned import PlannedTrial

DOUBT_SECONDS = 10.0
"""So much work that went as estimated is imagined beside what was seen: a trial of a second that
took four says little about those of an hour."""

LATE_FRACTION = 0.1
"""A trial that has outlived its estimate is thought to need this much of its time again."""


class Underway(NamedTuple):
    """A trial at work.

    Args:
        trial_id: Its name.
        elapsed: Seconds since it started.
        left: Seconds by its own pace; None where it has shown none.
    """

    trial_id: str
    elapsed: float
    left: float | None


@dataclass(frozen=True, eq=False)
class Kind:
    """Trials that are thought to take equally long.

    Args:
        stage: Of all of them.
        likeness: What an epoch's time depends on.
        epochs: Of each, 1 where the stage has none.
        estimate: Seconds a trial takes, as thought before the study began.
        seen: Whether like trials took that long here before.
    """

    stage: Stage
    likeness: Hashable
    epochs: int
    estimate: float
    seen: bool


class TimeLeft:
    """What is left of a study, in seconds.

    Like trials of this run count first; then the estimate, by how much slower or faster the trials
    of its stage, or else of all stages, have gone than was estimated.

    Args:
        estimator: Estimates every trial before it has run.
        downstream: What will be asked of encoders: of these trials, some are not planned yet.
    """

    def __init__(self, estimator: Estimator, downstream: Downstream) -> None:
        self._estimator = estimator
        self._downstream = downstream
        self._kinds: dict[Hashable, Kind] = {}
        self._encoders: dict[str, EncoderConfig] = {}  # by trial
        self._open: dict[str, Kind] = {}  # trials that have not ended
        self._typical: dict[tuple[str, Stage], list[Kind]] = {}  # of an arm's first encoder
        self._seen = _Seen()

    def planned(self, planned: PlannedTrial, *, ended: bool) -> None:
        """A trial is planned; an encoder comes before what is asked of it."""
        member, config = planned.member, planned.trial.config
        if isinstance(config, EncoderConfig):
            self._encoders[planned.trial_id] = config
            if (member.arm, "encoder") not in self._typical:
                for stage, typical in self._asked(config):
                    self._typical.setdefault((member.arm, stage), []).append(typical)
        if not ended:
            encoder = self._encoders[member.source or planned.trial_id]
            self._open[planned.trial_id] = self._kind(member.stage, config, encoder)

    def ended(self, trial_id: str, seconds: float | None) -> None:
        """A trial has ended; `seconds` that it took, None where it did not finish."""
        kind = self._open.pop(trial_id, None)
        if kind is not None and seconds is not None:
            self._seen.add(kind, seconds)

    def seconds(
        self,
        running: Sequence[Underway],
        unplanned: Mapping[tuple[str, Stage], int],
        slots: int,
    ) -> float:
        """Return the wall time left, in seconds.

        Args:
            running: The trials at work.
            unplanned: How many trials of an arm and stage are expected beyond those planned.
            slots: Trials at once.
        """
        seen = self._with(running)
        waiting = Counter(list(self._open.values()))
        own: list[float] = []
        for trial in running:
            kind = self._open.get(trial.trial_id)
            if kind is not None:
                waiting[kind] -= 1
                guess = max(seen.whole(kind) - trial.elapsed, LATE_FRACTION * trial.elapsed)
                own.append(guess if trial.left is None else trial.left)
        total = sum(own) + sum(count * seen.whole(kind) for kind, count in waiting.items())
        for place, count in unplanned.items():
            if kinds := self._typical.get(place):
                total += count * fmean(seen.whole(kind) for kind in kinds)
        return max([total / slots, *own])

    def is_certain(self, running: Sequence[Underway]) -> bool:
        """Whether the rest was seen here or goes by what was seen; else it was calculated alone."""
        kinds = list(self._open.values())
        return self._with(running).anything or all(kind.seen for kind in kinds)

    def _with(self, running: Sequence[Underway]) -> _Seen:
        """What has been seen, and what the pace of running trials says."""
        seen = self._seen.copy()
        for trial in running:
            kind = self._open.get(trial.trial_id)
            if kind is not None and trial.left is not None:
                seen.add(kind, trial.elapsed + trial.left)
        return seen

    def _asked(self, encoder: EncoderConfig) -> Iterator[tuple[Stage, Kind]]:
        """An encoder and everything that may be asked of it once it is trained."""
        downstream = self._downstream
        configs: list[tuple[Stage, StageConfig | None]] = [
            ("encoder", encoder),
            ("probe", downstream.probe),
            ("metrics", downstream.metrics),
            ("views", downstream.views),
            *(("decoder", each) for each in downstream.decoders),
        ]
        for stage, config in configs:
            if config is not None:
                yield stage, self._kind(stage, config, encoder)

    def _kind(self, stage: Stage, config: StageConfig, encoder: EncoderConfig) -> Kind:
        of = config if stage in ("probe", "decoder") else None
        name = stage, encoder.config_hash, of
        if name not in self._kinds:
            like = likeness(stage, config)
            estimate = self._estimator.trial(stage, config, encoder)
            kind = Kind(stage, like, epochs_of(config) or 1, estimate.seconds, estimate.seen)
            self._kinds[name] = kind
        return self._kinds[name]


class _Seen:
    """How long trials took, by what they are like, and against what was estimated."""

    def __init__(self) -> None:
        self._units: dict[Hashable, list[float]] = {}  # seconds an epoch
        self._spent: dict[Stage, float] = {}
        self._estimated: dict[Stage, float] = {}

    @property
    def anything(self) -> bool:
        """Whether a trial has been seen."""
        return bool(self._units)

    def copy(self) -> _Seen:
        """Return one that can be added to apart."""
        other = _Seen()
        other._units = {like: list(units) for like, units in list(self._units.items())}
        other._spent, other._estimated = dict(self._spent), dict(self._estimated)
        return other

    def add(self, kind: Kind, seconds: float) -> None:
        """A trial took, or will take, so many seconds."""
        self._units.setdefault(kind.likeness, []).append(seconds / kind.epochs)
        self._spent[kind.stage] = self._spent.get(kind.stage, 0.0) + seconds
        self._estimated[kind.stage] = self._estimated.get(kind.stage, 0.0) + kind.estimate

    def whole(self, kind: Kind) -> float:
        """Return how long a trial of a kind takes, in seconds."""
        if units := self._units.get(kind.likeness):
            return median(units) * kind.epochs
        stages = [kind.stage] if kind.stage in self._spent else list(self._spent)
        spent = sum(self._spent[stage] for stage in stages)
        estimated = sum(self._estimated[stage] for stage in stages)
        return kind.estimate * (spent + DOUBT_SECONDS) / (estimated + DOUBT_SECONDS)
