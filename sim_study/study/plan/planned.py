"""Planned trials: a proposal's replicates, what examines an encoder, and who runs when."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Stage, StageConfig, Trial
from sim_study.ledger.records import Member, Result, Role
from sim_study.space.spec import Downstream
from sim_study.study.plan.arm_search import Proposal

SEARCH, CONFIRM, EXAMINE, VIEW, DECODE = range(5)
"""The order of priority; within each, encoders keep their order."""


@dataclass(frozen=True)
class PlannedTrial:
    """A trial and its place in the study.

    Args:
        trial: What is to be run.
        member: Who it is in the study.
        rank: Its place in the order of priority; the lowest goes first, no two are equal.
    """

    trial: Trial
    member: Member
    rank: tuple[int, ...]

    @property
    def trial_id(self) -> str:
        """The trial's name."""
        return self.member.trial_id  # the trial itself would look its hash up by its content

    def __lt__(self, other: PlannedTrial) -> bool:
        return self.rank < other.rank


def replicates(
    role: Role,
    arms: Sequence[str],
    arm: str,
    proposal: Proposal,
    index: int,
    seeds: Sequence[int],
    fingerprint: str,
) -> Iterator[PlannedTrial]:
    """Yield a configuration's encoder trials, ranked so that arms take turns.

    Args:
        role: Whether they search or confirm.
        arms: All arms, in the order of the file.
        arm: Whose configuration it is.
        proposal: The configuration.
        index: Which one it is among those of its arm in this role, from 0.
        seeds: One trial each.
        fingerprint: The corpus's.
    """
    rank = (SEARCH if role == "search" else CONFIRM, index, arms.index(arm))
    for seed_rank, seed in enumerate(seeds):
        trial = Trial(
            stage="encoder", config=proposal.config, seed=seed, corpus_fingerprint=fingerprint
        )
        member = Member(
            trial_id=trial.trial_id,
            arm=arm,
            number=proposal.number,
            config_hash=proposal.config.config_hash,
            stage="encoder",
            seed=seed,
            role=role,
            settings=proposal.recorded_settings,
        )
        yield PlannedTrial(trial, member, (*rank, seed_rank))


def examinations(encoder: PlannedTrial, downstream: Downstream) -> Iterator[PlannedTrial]:
    """Yield an encoder's probe and the metrics that read it."""
    if downstream.probe is None:
        return
    probe = _probe(encoder, downstream.probe)
    yield probe
    if downstream.metrics is not None:
        rank = (EXAMINE, *encoder.rank, 1)
        yield _after(encoder, "metrics", downstream.metrics, probe.trial, rank)


def showings(encoder: PlannedTrial, downstream: Downstream) -> Iterator[PlannedTrial]:
    """Yield what lets a winning encoder be seen and heard: views of its probe, decoders."""
    if downstream.probe is not None and downstream.views is not None:
        probe = _probe(encoder, downstream.probe)
        yield _after(encoder, "views", downstream.views, probe.trial, (VIEW, *encoder.rank))
    for index, decoder in enumerate(downstream.decoders):
        yield _after(encoder, "decoder", decoder, encoder.trial, (DECODE, *encoder.rank, index))


def _probe(encoder: PlannedTrial, config: ProbeConfig) -> PlannedTrial:
    return _after(encoder, "probe", config, encoder.trial, (EXAMINE, *encoder.rank, 0))


def _after(
    encoder: PlannedTrial, stage: Stage, config: StageConfig, upstream: Trial, rank: tuple[int, ...]
) -> PlannedTrial:
    trial = Trial(
        stage=stage,
        config=config,
        seed=encoder.trial.seed,
        corpus_fingerprint=encoder.trial.corpus_fingerprint,
        upstream=upstream.trial_id,
    )
    update = {"trial_id": trial.trial_id, "stage": stage, "source": encoder.trial_id}
    return PlannedTrial(trial, encoder.member.model_copy(update=update), rank)


class Queue:
    """Grows with the plan and shrinks with the results.

    Two arms may want the same trial: it is queued for both, and its end ends both.

    Args:
        results: How trials ended; a result is there before `ended` or `add` is called.
    """

    def __init__(self, results: Mapping[str, Result]) -> None:
        self._results = results
        self.ready: list[PlannedTrial] = []  # what can run now, by rank
        self._waiting: dict[str, list[PlannedTrial]] = {}  # by the trial they start from
        self._lost: set[str] = set()  # ended without finishing, or start from one that did

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to run, now or later."""
        return not self.ready and not self._waiting

    def add(self, planned: PlannedTrial) -> None:
        """Queue a trial unless it has ended or can never run; what it starts from comes first."""
        upstream = planned.trial.upstream
        result = self._results.get(planned.trial_id)
        if result is not None:
            if result.status != "finished":
                self._lost.add(planned.trial_id)
        elif upstream in self._lost:
            self._lost.add(planned.trial_id)
        elif upstream is None or upstream in self._results:
            insort(self.ready, planned)
        else:
            self._waiting.setdefault(upstream, []).append(planned)

    def ended(self, trial_id: str, places: Sequence[PlannedTrial]) -> None:
        """Take out a trial that has ended, from all its places; let in what waited for it."""
        for planned in places:
            index = bisect_left(self.ready, planned)
            if self.ready[index : index + 1] == [planned]:
                del self.ready[index]
        if self._results[trial_id].status == "finished":
            for planned in self._waiting.pop(trial_id, []):
                insort(self.ready, planned)
        else:
            self._lose(trial_id)

    def _lose(self, trial_id: str) -> None:
        self._lost.add(trial_id)
        for planned in self._waiting.pop(trial_id, []):
            self._lose(planned.trial_id)
