"""What Optuna proposes for one arm: a pure function of the space, a seed and earlier results.

Proposal n of an arm knows the results of proposals 0 .. n - in_flight and that the ones in between
are undecided, no matter when results arrive. So the same study proposes the same configurations
on a laptop, on a cluster, and after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim_study.config.identity import content_hash, seed_for
from sim_study.config.trial import EncoderConfig, hashed_content
from sim_study.ledger.ranking import means
from sim_study.ledger.records import Settings
from sim_study.space.dimension import Value
from sim_study.space.resolve import grid, resolve
from sim_study.space.spec import Spec

if TYPE_CHECKING:
    from sim_study.study.plan.sampling import Sampling  # Optuna: 0.5 s that a grid does not pay

REDRAWS = 20
"""How often a proposal that repeats an earlier configuration is drawn again."""


@dataclass(frozen=True)
class Proposal:
    """A configuration an arm wants.

    Args:
        number: Order of proposal within the arm, from 0.
        settings: Searched values by dotted key.
        config: The resolved configuration.
    """

    number: int
    settings: dict[str, Value]
    config: EncoderConfig

    @property
    def recorded_settings(self) -> Settings:
        """The settings as the ledger keeps them: a split as a list."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in self.settings.items()}


@dataclass(frozen=True)
class Score:
    """What the replicates of a configuration came to.

    Args:
        decided: Whether every replicate has ended.
        values: (objective, finished seed) final values; no seeds when all failed.
    """

    decided: bool
    values: tuple[tuple[float, ...], ...]

    @property
    def means(self) -> list[float]:
        """Mean over the finished seeds, for each objective."""
        return means(self.values)

    @property
    def count(self) -> int:
        """Number of finished seeds."""
        return len(self.values[0]) if self.values else 0


ScoreOf = Callable[[EncoderConfig], Score]


class ArmSearch:
    """The proposals of one arm, in order."""

    def __init__(
        self, spec: Spec, arm: str, place: str, recorded: Sequence[dict[str, Value]] = ()
    ) -> None:
        """Begin, or take up again, the search of an arm.

        Args:
            spec: The study.
            arm: Name of the arm.
            place: The space file, for messages.
            recorded: Settings proposed by earlier runs of the same search, in order.
        """
        self.spec = spec
        self.arm = arm
        self.place = place
        self.dimensions = spec.dimensions_of(arm)
        self.proposals: list[Proposal] = []
        self._hashes: set[str] = set()
        self._decided = 0  # the proposals before this number are all decided
        self._settled = 0  # and of those before this number Optuna knows the values
        self._sampling: Sampling | None = None
        self.draws = bool(self.dimensions) and spec.search.algorithm != "grid"
        # without dimensions the grid is one empty combination
        self._known = list(recorded if self.draws else grid(spec, arm))
        self.budget = spec.search.configurations if self.draws else len(self._known)

    @property
    def complete(self) -> bool:
        """Whether every configuration of the budget has been proposed."""
        return len(self.proposals) >= self.budget

    def extend(self, score_of: ScoreOf) -> list[Proposal]:
        """Propose as far as the results allow; return the new proposals."""
        new = []
        while not self.complete and self._may_propose(score_of):
            number = len(self.proposals)
            if number < len(self._known):
                proposal = self._proposal(number, self._known[number])
            else:
                proposal = self._draw(number, score_of)
            self.proposals.append(proposal)
            self._hashes.add(proposal.config.config_hash)
            new.append(proposal)
        return new

    def _may_propose(self, score_of: ScoreOf) -> bool:
        number = len(self.proposals)
        if number < len(self._known) or self.spec.search.algorithm == "random":
            return True
        while self._decided <= number - self.spec.search.in_flight:
            if not score_of(self.proposals[self._decided].config).decided:
                return False
            self._decided += 1  # and so it stays
        return True

    def _proposal(self, number: int, settings: dict[str, Value]) -> Proposal:
        return Proposal(number, settings, resolve(self.spec, self.arm, settings, self.place))

    def _draw(self, number: int, score_of: ScoreOf) -> Proposal:
        """Draw until a configuration is new, or the space seems used up."""
        sampling = self._informed(number, score_of)
        for attempt in range(REDRAWS + 1):
            seed = seed_for(self.spec.search.seed, "proposal", self.arm, number, attempt) % 2**32
            proposal = self._proposal(number, sampling.draw(self.arm, seed))
            if proposal.config.config_hash not in self._hashes:
                break
        return proposal

    def _informed(self, number: int, score_of: ScoreOf) -> Sampling:
        """Return an Optuna study that knows exactly what proposal `number` may know."""
        search = self.spec.search
        if self._sampling is None:
            from sim_study.study.plan.sampling import Sampling

            self._sampling = Sampling(search, self.dimensions)
        sampling = self._sampling
        if search.algorithm == "tpe":
            for proposal in self.proposals[sampling.count :]:
                sampling.add(proposal.settings)
            for proposal in self.proposals[self._settled : max(0, number - search.in_flight + 1)]:
                score = score_of(proposal.config)
                sampling.tell(proposal.number, score.means if score.count else [])
                self._settled += 1
        return sampling


def search_identity(spec: Spec, arm: str, corpus_fingerprint: str) -> str:
    """Hash of everything an arm's proposals depend on.

    More configurations or more seeds continue a search; another space, corpus or training begins
    a new one, because the results that its proposals followed are not this study's.
    """
    search = spec.search.model_dump(mode="json", exclude={"configurations"})
    dimensions = {k: d.model_dump(mode="json") for k, d in spec.dimensions_of(arm).items()}
    base = resolve(spec, arm, {}, "").canonical()
    content = base.model_dump()
    # Proposals of before these keys came are found again; other late keys came before proposals.
    content["online_probe"] = hashed_content(base.online_probe)
    return content_hash([arm, list(dimensions.items()), search, content, corpus_fingerprint])
