"""A study in progress: the plan, the ledger and whoever watches."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sim_study.config.trial import Stage
from sim_study.errors import Problem, UserError
from sim_study.ledger.ledger import Busy, Ledger
from sim_study.ledger.records import DrawnProposal, Member, Result
from sim_study.ledger.study_facts import ObjectiveFact, StudyFacts
from sim_study.space.dimension import Value
from sim_study.space.primary import primary_tests
from sim_study.space.resolve import grid
from sim_study.space.spec import Spec
from sim_study.study.plan.arm_search import ArmSearch, Proposal, search_identity
from sim_study.study.plan.plan import Plan
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.run.succession import Succession, succession
from sim_study.study.show.progress import Progress


class Session:
    """One run of the sweep command.

    Args:
        spec: The study.
        place: The space file, for messages.
        ledger: Where everything is kept.
        corpus: {"name", "fingerprint"} of the prepared corpus.
        fresh: Whether to forget earlier results of the study's trials.
        asked: Words of the command that runs the study, for whoever is to run more of it.

    Nothing is written before `open`.
    """

    def __init__(
        self,
        spec: Spec,
        place: str,
        ledger: Ledger,
        corpus: dict[str, str],
        *,
        fresh: bool = False,
        asked: Sequence[str] = (),
    ) -> None:
        self.spec = spec
        self.place = place
        self.asked = tuple(asked)
        self.ledger = ledger
        self.folder = ledger.study(spec.study)
        self.corpus = corpus
        self.fresh = fresh
        self.fault: BaseException | None = None
        self._before = self.folder.members()
        drawn = self.folder.proposals()
        self._identities = {
            arm: search_identity(spec, arm, corpus["fingerprint"]) for arm in spec.arms
        }
        self._drawn_before = {
            arm: _settings(identity, drawn) for arm, identity in self._identities.items()
        }
        self.searches = {
            arm: ArmSearch(spec, arm, place, [] if fresh else self._drawn_before[arm])
            for arm in spec.arms
        }
        self._drawn = set() if fresh else {(one.search, one.number) for one in drawn}
        self._staying: tuple[Member, ...] = ()
        self._published: bool | None = None
        self.doomed: dict[str, Stage] = self._of_before() if fresh else {}
        """What opening deletes: stages by trial id."""
        self._proposed: list[tuple[str, Proposal]] = []
        self.plan = Plan(
            spec,
            self.searches,
            corpus["fingerprint"],
            self._look_up,
            lambda arm, proposal: self._proposed.append((arm, proposal)),
        )
        first = spec.search.objectives[0].metric
        self.progress = Progress(spec.study, spec.question, tuple(spec.arms), first)

    @cached_property
    def succession(self) -> Succession:
        """What becomes of the trials that the study has had; plans as far as results allow."""
        self.plan.refresh()
        offers = {
            arm: self._drawn_before[arm][: search.budget]
            if search.draws
            else list(grid(self.spec, arm))
            for arm, search in self.searches.items()
        }
        planned, fingerprint = self.plan.planned, self.corpus["fingerprint"]
        return succession(self.spec, self.ledger, offers, self._before, planned, fingerprint)

    def check(self, *, replace: bool = False) -> None:
        """Refuse to let finished trials leave the study unasked.

        Raises:
            UserError: Some would, and may not; it says what differs.
        """
        if not replace:
            self.succession.check(self.spec.study, self.place)

    def open(self, *, replace: bool = False) -> None:
        """Begin: members that the settings no longer allow leave, new ones join.

        Args:
            replace: Whether finished trials may leave.

        Raises:
            UserError: Finished trials would leave, unasked; or `fresh` would delete a trial that
                another process is running.
        """
        self.check(replace=replace)
        change = self.succession
        if self.fresh:
            self.folder.forget_proposals()
            for trial_id in sorted(self.doomed):
                self._clear(trial_id)
            self.doomed = {}
        for arm, proposal in self._proposed:
            self._record(arm, proposal)
        self.plan.propose = self._record
        planned = self.plan.planned
        self._staying = () if self.plan.best else change.staying
        self.folder.replace_members([*(p.member for p in planned), *self._staying])
        self._publish(planned)
        if change.leaving:
            self.progress.note(change.words(self.spec.study) + "\nthey have left it")
        if change.news:
            self.progress.note(f"new in study {self.spec.study}: {'; '.join(change.news)}")

    def next_trial(self, busy: set[str]) -> PlannedTrial | None:
        """The next trial to start, given those that run; None when there is none now."""
        while planned := next((p for p in self.plan.runnable() if p.trial_id not in busy), None):
            trial_id = planned.trial_id
            result = self._look_up(trial_id)
            if result is None:
                return planned
            self._take(trial_id, result)  # another study has finished it meanwhile
        return None

    def _look_up(self, trial_id: str) -> Result | None:
        """Find the result of an earlier run, if it is for good."""
        result = None if trial_id in self.doomed else self.ledger.folder(trial_id).result()
        return self._essence(result) if result is not None and result.is_final else None

    def _essence(self, result: Result) -> Result:
        """Leave out what planning does not ask for: thousands of results are kept in memory."""
        wanted = {objective.metric for objective in self.spec.search.objectives}
        metrics = {key: value for key, value in result.metrics.items() if key in wanted}
        return result.model_copy(update={"metrics": metrics, "machine": {}})

    def _of_before(self) -> dict[str, Stage]:
        """Trials that have begun, of the study's members and of what it would come to by itself."""
        as_before = Session(self.spec, self.place, self.ledger, self.corpus)
        as_before.plan.refresh()
        members = (*self._before, *(planned.member for planned in as_before.plan.planned))
        begun = {*self.ledger.trial_names()}
        return {m.trial_id: m.stage for m in members if m.trial_id in begun}

    def _clear(self, trial_id: str) -> None:
        folder = self.ledger.folder(trial_id)
        try:
            folder.clear()
        except Busy:
            law = "--fresh would delete it, but another process is running it"
            raise UserError(Problem(str(folder.path), law)) from None

    def ended(self, planned: PlannedTrial, result: Result) -> None:
        """Take a result into account and plan on."""
        self._take(planned.trial_id, self._essence(result))
        self.progress.ended(planned, result)

    def _take(self, trial_id: str, result: Result) -> None:
        places = self.plan.ended(trial_id, result)
        new = self.plan.refresh()
        if self._staying and self.plan.best:  # now it is known who stays
            self._staying = ()
            self.folder.replace_members(p.member for p in self.plan.planned)
        else:
            for planned in new:
                self.folder.join(planned.member)
        self._publish(new, places)

    def unfinished(self) -> list[tuple[PlannedTrial, Result]]:
        """Planned trials that ended without finishing."""
        pairs = ((p, self.plan.results.get(p.trial_id)) for p in self.plan.planned)
        return [(p, result) for p, result in pairs if result and result.status != "finished"]

    def _publish(self, new: Sequence[PlannedTrial], places: Sequence[PlannedTrial] = ()) -> None:
        """Write what readers of the study need; the progress grows by `new` and `places`."""
        chosen = bool(self.plan.best)
        if chosen != self._published:  # nothing else in it changes
            anew = self.fresh and self._published is None
            earlier = StudyFacts() if anew else self._facts_so_far()
            self._published = chosen
            spec = self.spec
            facts = StudyFacts(
                name=spec.study,
                question=spec.question,
                corpus=self.corpus,
                objective=tuple(ObjectiveFact(**o.model_dump()) for o in spec.search.objectives),
                best={arm: ranking[0] for arm, ranking in self.plan.best.items() if ranking},
                front=self.plan.winners,
                seeds=spec.seeds.model_dump(mode="json"),
                space={k: d.model_dump(mode="json") for k, d in spec.dimensions.items()},
                tests=primary_tests(spec),
                asked=self.asked,
            )
            facts.since(earlier, len(self.plan.results)).write(self.folder)
        self.progress.grown(self.plan, new, places)

    def _facts_so_far(self) -> StudyFacts:
        """What is written of the study; nothing where the file is damaged, which is said."""
        try:
            return StudyFacts.read(self.folder)
        except UserError as error:
            self.progress.note(f"{error}\nit is written anew; its tests count as named just now")
            return StudyFacts()

    def _record(self, arm: str, proposal: Proposal) -> None:
        search, number = self._identities[arm], proposal.number
        if self.searches[arm].draws and (search, number) not in self._drawn:
            self._drawn.add((search, number))
            settings = proposal.recorded_settings
            self.folder.propose(DrawnProposal(search=search, number=number, settings=settings))


def _settings(identity: str, drawn: Sequence[DrawnProposal]) -> list[dict[str, Value]]:
    """The settings a search has proposed before, in order, up to the first gap."""
    by_number = {one.number: one.settings for one in drawn if one.search == identity}
    settings: list[dict[str, Value]] = []
    while (own := by_number.get(len(settings))) is not None:
        settings.append({k: tuple(v) if isinstance(v, list) else v for k, v in own.items()})
    return settings
