"""What a study consists of: a pure function of its specification and of the results so far.

search (every arm's proposals x search seeds) -> confirm (each arm's best x confirm seeds)
-> probe, decoders -> metrics, views. A result, once known, stays: so a plan only grows, each
result is looked at once, and a trial costs the same in a study of ten and of ten thousand. A study
that is continued is planned by the same code as one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sim_study.config.trial import STAGES, EncoderConfig, Stage
from sim_study.ledger.ranking import ranked_fronts
from sim_study.ledger.records import Result, Role
from sim_study.space.spec import Spec
from sim_study.study.plan.arm_search import ArmSearch, Proposal, Score
from sim_study.study.plan.planned import PlannedTrial, Queue, examinations, replicates, showings


class Plan:
    """All trials known to be wanted.

    Args:
        spec: The study.
        searches: One search an arm.
        corpus_fingerprint: Enters every trial's identity.
        look_up: Finds how a trial ended in an earlier run, None if it did not; asked once a trial,
            when it is planned.
        propose: Called with every new proposal.
    """

    def __init__(
        self,
        spec: Spec,
        searches: dict[str, ArmSearch],
        corpus_fingerprint: str,
        look_up: Callable[[str], Result | None],
        propose: Callable[[str, Proposal], None] = lambda arm, proposal: None,
    ) -> None:
        self.spec = spec
        self.searches = searches
        self.corpus_fingerprint = corpus_fingerprint
        self.look_up = look_up
        self.propose = propose
        self.maximize = [o.direction == "maximize" for o in spec.search.objectives]
        self.results: dict[str, Result] = {}
        self.best: dict[str, list[str]] = {}
        self.winners: dict[str, list[str]] = {}
        self._places: dict[str, list[PlannedTrial]] = {}
        self._queue = Queue(self.results)
        self._distinct: dict[str, dict[str, Proposal]] = {arm: {} for arm in searches}
        self._replicates: dict[str, list[str]] = {}  # a configuration's search trials
        self._searching: set[str] = set()  # search trials that have not ended

    def refresh(self) -> list[PlannedTrial]:
        """Plan on from the results so far; return the trials that this adds.

        Once the search is over, `best` ranks each arm's configurations; `winners` are the ones
        that are confirmed and decoded: the first, or with several objectives the whole
        non-dominated front.
        """
        new: list[PlannedTrial] = []
        while proposed := [
            (arm, proposal)
            for arm, search in self.searches.items()
            for proposal in search.extend(self.score)
        ]:
            for arm, proposal in proposed:
                self.propose(arm, proposal)
                new += self._search(arm, proposal)
        over = not self._searching and all(search.complete for search in self.searches.values())
        if over and not self.best:
            self._choose()
            new += self._add(self._chosen())
        return new

    def ended(self, trial_id: str, result: Result) -> list[PlannedTrial]:
        """Take a result into account; return the places that the trial has in the study."""
        self.results[trial_id] = result
        self._searching.discard(trial_id)
        places = self._places[trial_id]
        self._queue.ended(trial_id, places)
        return places

    @property
    def planned(self) -> list[PlannedTrial]:
        """Every trial planned so far, in order of priority."""
        return sorted(planned for places in self._places.values() for planned in places)

    @property
    def done(self) -> bool:
        """Whether nothing is left to run, now or later."""
        return bool(self.best) and self._queue.is_empty

    def runnable(self) -> Iterator[PlannedTrial]:
        """Trials that have not ended and whose upstream has finished, by priority."""
        return iter(self._queue.ready)

    def score(self, config: EncoderConfig) -> Score:
        """What a configuration's search replicates have come to."""
        trial_ids = self._replicates.get(config.config_hash)
        if trial_ids is None:  # proposed a moment ago
            return Score(False, ())
        results = [self.results.get(trial_id) for trial_id in trial_ids]
        finished = [r for r in results if r is not None and r.status == "finished"]
        values = tuple(
            tuple(result.metrics[objective.metric] for result in finished)
            for objective in self.spec.search.objectives
        )
        return Score(all(result is not None for result in results), values)

    def expected(self) -> dict[Stage, int]:
        """How many trials each stage will have in the end, as far as it can be known."""
        of_arms = [self.expected_of(arm) for arm in self.searches]
        return {stage: sum(of[stage] for of in of_arms) for stage in STAGES}

    def expected_of(self, arm: str) -> dict[Stage, int]:
        """How many trials of each stage an arm will have in the end, as far as it can be known."""
        downstream, search = self.spec.downstream, self.searches[arm]
        count = len(self._distinct[arm]) if search.complete else search.budget
        examined = count if downstream.top == "all" else min(count, downstream.top)
        seeds, confirm = len(self.spec.seeds.search), len(self.spec.seeds.confirm)
        probes, best = examined * seeds + confirm, seeds + confirm
        return {
            "encoder": count * seeds + confirm,
            "probe": probes if downstream.probe else 0,
            "decoder": best * len(downstream.decoders),
            "metrics": probes if downstream.metrics else 0,
            "views": best if downstream.views else 0,
        }

    def _add(self, wanted: Iterable[PlannedTrial]) -> list[PlannedTrial]:
        """Plan trials that are not planned yet for their arms; return those."""
        new = []
        for planned in wanted:
            trial_id = planned.trial_id
            places = self._places.setdefault(trial_id, [])
            if any(place.member.arm == planned.member.arm for place in places):
                continue
            if not places and (result := self.look_up(trial_id)) is not None:
                self.results[trial_id] = result
            places.append(planned)
            self._queue.add(planned)
            new.append(planned)
        return new

    def _search(self, arm: str, proposal: Proposal) -> list[PlannedTrial]:
        """Plan a proposal's replicates, unless it repeats an earlier configuration."""
        distinct, config_hash = self._distinct[arm], proposal.config.config_hash
        if config_hash in distinct:
            return []
        encoders = self._encoders("search", arm, proposal, len(distinct))
        distinct[config_hash] = proposal
        new = self._add(encoders)
        trial_ids = self._replicates[config_hash] = [encoder.trial_id for encoder in encoders]
        self._searching.update(t for t in trial_ids if t not in self.results)
        if self.spec.downstream.top == "all":
            for encoder in encoders:
                new += self._add(examinations(encoder, self.spec.downstream))
        return new

    def _encoders(self, role: Role, arm: str, proposal: Proposal, index: int) -> list[PlannedTrial]:
        seeds = self.spec.seeds.search if role == "search" else self.spec.seeds.confirm
        arms = list(self.searches)
        return list(replicates(role, arms, arm, proposal, index, seeds, self.corpus_fingerprint))

    def _choose(self) -> None:
        for arm, proposals in self._distinct.items():
            scores = {name: self.score(p.config).values for name, p in proposals.items()}
            fronts = ranked_fronts(scores, len(self.spec.seeds.search), self.maximize)
            self.best[arm] = [name for front in fronts for name in front]
            self.winners[arm] = fronts[0] if len(self.maximize) > 1 else self.best[arm][:1]

    def _chosen(self) -> Iterator[PlannedTrial]:
        """Yield what follows from the choice: confirmation, examinations, views, decoders."""
        downstream = self.spec.downstream
        for arm, proposals in self._distinct.items():
            winners = set(self.winners[arm])
            top = 0 if downstream.top == "all" else downstream.top  # all: examined by now
            examined = winners.union(self.best[arm][:top])
            searched = [
                encoder
                for index, (name, proposal) in enumerate(proposals.items())
                if name in examined
                for encoder in self._encoders("search", arm, proposal, index)
            ]
            won = [proposal for name, proposal in proposals.items() if name in winners]
            confirmed = [
                encoder
                for index, proposal in enumerate(won)
                for encoder in self._encoders("confirm", arm, proposal, index)
            ]
            yield from confirmed
            for encoder in (*searched, *confirmed):
                yield from examinations(encoder, downstream)
                if encoder.member.config_hash in winners:
                    yield from showings(encoder, downstream)
