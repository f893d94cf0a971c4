"""What a study consists of: a pure function of its specification and of the results so far.

search (every arm's proposals x search seeds) -> confirm (each arm's best x confirm seeds)
-> probe, decoders -> metrics. The plan is recomputed whenever a result arrives, so a study that
is continued is planned by the same code as one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from sim_study.config.trial import EncoderConfig, Stage, StageConfig, Trial
from sim_study.ledger.records import Member, Result, Role
from sim_study.space.dimension import Value
from sim_study.space.spec import Spec
from sim_study.study.arm_search import ArmSearch, Proposal, Score
from sim_study.study.choice import ranked_fronts


@dataclass(frozen=True)
class Planned:
    """A trial and its place in the study."""

    trial: Trial
    member: Member


@dataclass
class Plan:
    """All trials known to be wanted, in order of priority.

    Args:
        spec: The study.
        searches: One search an arm.
        corpus_fingerprint: Enters every trial's identity.
        result_of: Looks up how a trial ended; None while it has not.
        propose: Called with every new proposal.
    """

    spec: Spec
    searches: dict[str, ArmSearch]
    corpus_fingerprint: str
    result_of: Callable[[str], Result | None]
    propose: Callable[[str, Proposal], None] = lambda arm, proposal: None
    planned: list[Planned] = field(default_factory=list)
    best: dict[str, list[str]] = field(default_factory=dict)
    winners: dict[str, list[str]] = field(default_factory=dict)

    def refresh(self) -> None:
        """Recompute what is planned, and which configurations are best, from the results so far.

        `best` ranks each arm's configurations; `winners` are the ones that are confirmed and
        decoded: the first, or with several objectives the whole non-dominated front.
        """
        for arm, search in self.searches.items():
            for proposal in search.extend(self.score):
                self.propose(arm, proposal)
        proposals = self._distinct()
        searched = [*self._replicates("search", proposals, self.spec.seeds.search)]
        search_over = all(search.complete for search in self.searches.values()) and all(
            self.result_of(planned.trial.trial_id) for planned in searched
        )
        self.best, self.winners = self._choose(proposals) if search_over else ({}, {})
        confirmed = [*self._replicates("confirm", self._won(proposals), self.spec.seeds.confirm)]
        encoders = searched + confirmed
        unique: dict[tuple[str, str], Planned] = {}
        for planned in (*encoders, *self._examinations(encoders)):
            unique.setdefault((planned.trial.trial_id, planned.member.arm), planned)
        self.planned = list(unique.values())

    @property
    def done(self) -> bool:
        """Whether nothing is left to run, now or later."""
        trials = {planned.trial.trial_id: planned.trial for planned in self.planned}
        return bool(self.best) and all(
            self.result_of(trial_id) or self._is_cut_off(trial, trials)
            for trial_id, trial in trials.items()
        )

    def runnable(self) -> Iterator[Planned]:
        """Yield trials that have not ended and whose upstream has finished, by priority."""
        for planned in self.planned:
            trial = planned.trial
            if self.result_of(trial.trial_id) is None and self._upstream_finished(trial):
                yield planned

    def score(self, config: EncoderConfig) -> Score:
        """What a configuration's search replicates have come to."""
        results = [
            self.result_of(self._encoder(config, seed).trial_id) for seed in self.spec.seeds.search
        ]
        finished = [r for r in results if r is not None and r.status == "finished"]
        values = tuple(
            tuple(result.metrics[objective.metric] for result in finished)
            for objective in self.spec.search.objectives
        )
        return Score(all(result is not None for result in results), values)

    def expected(self) -> dict[Stage, int]:
        """How many trials each stage will have in the end, as far as it can be known."""
        spec = self.spec
        budgets = {arm: search.budget for arm, search in self.searches.items()}
        known = {arm: len(found) for arm, found in self._distinct().items()}
        counts = {
            arm: known[arm] if search.complete else budgets[arm]
            for arm, search in self.searches.items()
        }
        top = spec.downstream.top
        examined = {a: n if top == "all" else min(n, top) for a, n in counts.items()}
        seeds, confirm = len(spec.seeds.search), len(spec.seeds.confirm)
        encoders = sum(n * seeds + confirm for n in counts.values())
        probes = sum(n * seeds + confirm for n in examined.values())
        best = len(counts) * (seeds + confirm)
        downstream = spec.downstream
        return {
            "encoder": encoders,
            "probe": probes if downstream.probe else 0,
            "decoder": best * len(downstream.decoders),
            "metrics": probes if downstream.metrics else 0,
        }

    def _distinct(self) -> dict[str, list[Proposal]]:
        """Each arm's proposals without those that repeat an earlier configuration."""
        found = {}
        for arm, search in self.searches.items():
            first: dict[str, Proposal] = {}
            for proposal in search.proposals:
                first.setdefault(proposal.config.config_hash, proposal)
            found[arm] = list(first.values())
        return found

    def _choose(
        self, proposals: dict[str, list[Proposal]]
    ) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        objectives = self.spec.search.objectives
        best, winners = {}, {}
        for arm, of_arm in proposals.items():
            fronts = ranked_fronts(
                {p.config.config_hash: self.score(p.config).values for p in of_arm},
                len(self.spec.seeds.search),
                [objective.direction == "maximize" for objective in objectives],
            )
            best[arm] = [name for front in fronts for name in front]
            winners[arm] = fronts[0] if len(objectives) > 1 else best[arm][:1]
        return best, winners

    def _won(self, proposals: dict[str, list[Proposal]]) -> dict[str, list[Proposal]]:
        return {
            arm: [p for p in proposals[arm] if p.config.config_hash in hashes]
            for arm, hashes in self.winners.items()
        }

    def _encoder(self, config: EncoderConfig, seed: int) -> Trial:
        return _trial("encoder", config, seed, self.corpus_fingerprint, None)

    def _replicates(
        self, role: Role, proposals: dict[str, list[Proposal]], seeds: Sequence[int]
    ) -> Iterator[Planned]:
        """Yield encoder trials round the arms, so that every arm progresses."""
        rounds = max((len(of_arm) for of_arm in proposals.values()), default=0)
        for index in range(rounds):
            for arm, of_arm in proposals.items():
                if index < len(of_arm):
                    for seed in seeds:
                        yield self._planned_encoder(arm, of_arm[index], seed, role)

    def _planned_encoder(self, arm: str, proposal: Proposal, seed: int, role: Role) -> Planned:
        trial = self._encoder(proposal.config, seed)
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
        return Planned(trial, member)

    def _examinations(self, encoders: list[Planned]) -> Iterator[Planned]:
        """Yield the downstream trials of the encoders that are chosen for them."""
        downstream = self.spec.downstream
        for encoder in encoders:
            if not self._is_examined(encoder.member):
                continue
            if downstream.probe is not None:
                probe = self._downstream("probe", downstream.probe, encoder, encoder.trial)
                yield probe
                if downstream.metrics is not None:
                    yield self._downstream("metrics", downstream.metrics, encoder, probe.trial)
        for encoder in encoders:
            member = encoder.member
            if member.config_hash in self.winners.get(member.arm, []):
                for decoder in downstream.decoders:
                    yield self._downstream("decoder", decoder, encoder, encoder.trial)

    def _is_examined(self, member: Member) -> bool:
        top = self.spec.downstream.top
        if top == "all":
            return True
        chosen = [*self.best.get(member.arm, [])[:top], *self.winners.get(member.arm, [])]
        return member.config_hash in chosen

    def _downstream(
        self, stage: Stage, config: StageConfig, encoder: Planned, upstream: Trial
    ) -> Planned:
        seed = encoder.trial.seed
        trial = _trial(stage, config, seed, self.corpus_fingerprint, upstream.trial_id)
        update = {
            "trial_id": trial.trial_id,
            "stage": stage,
            "source": encoder.trial.trial_id,
        }
        return Planned(trial, encoder.member.model_copy(update=update))

    def _upstream_finished(self, trial: Trial) -> bool:
        if trial.upstream is None:
            return True
        result = self.result_of(trial.upstream)
        return result is not None and result.status == "finished"

    def _is_cut_off(self, trial: Trial | None, trials: dict[str, Trial]) -> bool:
        """Whether something before the trial ended without finishing, so that it cannot run."""
        while trial is not None and trial.upstream is not None:
            result = self.result_of(trial.upstream)
            if result is not None and result.status != "finished":
                return True
            trial = trials.get(trial.upstream)
        return False


@cache
def _trial(
    stage: Stage, config: StageConfig, seed: int, fingerprint: str, upstream: str | None
) -> Trial:
    """Build a trial once: its hash is asked for at every refresh."""
    return Trial(
        stage=stage, config=config, seed=seed, corpus_fingerprint=fingerprint, upstream=upstream
    )


def plain(settings: dict[str, Value]) -> dict[str, bool | int | float | str | list[int]]:
    """Return settings in JSON's types."""
    return {key: list(v) if isinstance(v, tuple) else v for key, v in settings.items()}
