"""Planned trials: a proposal's replicates, and what examines an encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import Stage, StageConfig, Trial
from sim_study.ledger.records import Member, Role
from sim_study.space.dimension import Value
from sim_study.space.spec import Downstream
from sim_study.study.plan.arm_search import Proposal

SEARCH, CONFIRM, EXAMINE, VIEW, DECODE = range(5)
"""The order of priority; within each, encoders keep their order."""


@dataclass(frozen=True)
class Planned:
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


def by_rank(planned: Planned) -> tuple[int, ...]:
    """The key that sorts planned trials by priority."""
    return planned.rank


def replicates(
    role: Role,
    arms: Sequence[str],
    arm: str,
    proposal: Proposal,
    index: int,
    seeds: Sequence[int],
    fingerprint: str,
) -> Iterator[Planned]:
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
            settings=plain(proposal.settings),
        )
        yield Planned(trial, member, (*rank, seed_rank))


def examinations(encoder: Planned, downstream: Downstream) -> Iterator[Planned]:
    """Yield an encoder's probe and the metrics that read it."""
    if downstream.probe is None:
        return
    probe = _probe(encoder, downstream.probe)
    yield probe
    if downstream.metrics is not None:
        rank = (EXAMINE, *encoder.rank, 1)
        yield _after(encoder, "metrics", downstream.metrics, probe.trial, rank)


def showings(encoder: Planned, downstream: Downstream) -> Iterator[Planned]:
    """Yield what lets a winning encoder be seen and heard: views of its probe, decoders."""
    if downstream.probe is not None and downstream.views is not None:
        probe = _probe(encoder, downstream.probe)
        yield _after(encoder, "views", downstream.views, probe.trial, (VIEW, *encoder.rank))
    for index, decoder in enumerate(downstream.decoders):
        yield _after(encoder, "decoder", decoder, encoder.trial, (DECODE, *encoder.rank, index))


def _probe(encoder: Planned, config: ProbeConfig) -> Planned:
    return _after(encoder, "probe", config, encoder.trial, (EXAMINE, *encoder.rank, 0))


def _after(
    encoder: Planned, stage: Stage, config: StageConfig, upstream: Trial, rank: tuple[int, ...]
) -> Planned:
    trial = Trial(
        stage=stage,
        config=config,
        seed=encoder.trial.seed,
        corpus_fingerprint=encoder.trial.corpus_fingerprint,
        upstream=upstream.trial_id,
    )
    update = {"trial_id": trial.trial_id, "stage": stage, "source": encoder.trial_id}
    return Planned(trial, encoder.member.model_copy(update=update), rank)


def plain(settings: dict[str, Value]) -> dict[str, bool | int | float | str | list[int]]:
    """Return settings in JSON's types."""
    return {key: list(v) if isinstance(v, tuple) else v for key, v in settings.items()}
