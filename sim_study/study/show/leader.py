"""Which configuration of an arm leads so far, by its mean over the seeds that have finished."""

from __future__ import annotations

from dataclasses import dataclass

from sim_study.ledger.records import Member
from sim_study.naming.configurations import setting_words
from sim_study.study.plan.arm_search import Score


@dataclass(frozen=True)
class Standing:
    """Where a configuration stands.

    Args:
        settings: Its searched settings, in words.
        mean: Over the finished seeds, of the first objective.
        seeds: How many these are.
    """

    settings: str
    mean: float
    seeds: int


class Leader:
    """Keeps every configuration's standing; all are compared only when the leader falls back.

    Args:
        maximize: Whether a larger mean is better.
    """

    def __init__(self, maximize: bool) -> None:
        self._sign = 1 if maximize else -1
        self._standings: dict[int, Standing] = {}  # by number of the configuration
        self._first: int | None = None

    @property
    def standing(self) -> Standing | None:
        """The leader's; None before a seed has finished."""
        return None if self._first is None else self._standings[self._first]

    def scored(self, member: Member, score: Score) -> None:
        """Take a configuration's new score into account; of equal means the first proposed leads.

        Args:
            member: Any replicate of the configuration.
            score: What its replicates have come to.
        """
        if not score.count:
            return
        number = member.number
        before = None if self._first is None else self._merit(self._first)
        settings = ", ".join(setting_words(member.settings))
        self._standings[number] = Standing(settings, score.means[0], score.count)
        if before is None or self._merit(number) > before:
            self._first = number
        elif number == self._first:
            self._first = max(self._standings, key=self._merit)

    def _merit(self, number: int) -> tuple[float, int]:
        return self._sign * self._standings[number].mean, -number
