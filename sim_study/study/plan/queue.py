"""Planned trials that have not ended: which can run, and which wait for what they start from."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence

from sim_study.ledger.records import Result
from sim_study.study.plan.planned import Planned, by_rank


class Queue:
    """Grows with the plan and shrinks with the results.

    Two arms may want the same trial: it is queued for both, and its end ends both.

    Args:
        results: How trials ended; a result is there before `ended` or `add` is called.
    """

    def __init__(self, results: Mapping[str, Result]) -> None:
        self._results = results
        self._ready: list[Planned] = []  # by rank
        self._waiting: dict[str, list[Planned]] = {}  # by the trial they start from
        self._lost: set[str] = set()  # ended without finishing, or start from one that did

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to run, now or later."""
        return not self._ready and not self._waiting

    def add(self, planned: Planned) -> None:
        """Queue a trial unless it has ended or can never run; what it starts from comes first."""
        upstream = planned.trial.upstream
        result = self._results.get(planned.trial_id)
        if result is not None:
            if result.status != "finished":
                self._lost.add(planned.trial_id)
        elif upstream in self._lost:
            self._lost.add(planned.trial_id)
        elif upstream is None or upstream in self._results:
            insort(self._ready, planned, key=by_rank)
        else:
            self._waiting.setdefault(upstream, []).append(planned)

    def ended(self, trial_id: str, places: Sequence[Planned]) -> None:
        """Take out a trial that has ended, from all its places; let in what waited for it."""
        for planned in places:
            index = bisect_left(self._ready, planned.rank, key=by_rank)
            if index < len(self._ready) and self._ready[index].rank == planned.rank:
                del self._ready[index]
        if self._results[trial_id].status == "finished":
            for planned in self._waiting.pop(trial_id, []):
                insort(self._ready, planned, key=by_rank)
        else:
            self._lose(trial_id)

    def runnable(self) -> Iterator[Planned]:
        """Yield what can run now, by priority."""
        yield from self._ready

    def _lose(self, trial_id: str) -> None:
        self._lost.add(trial_id)
        for planned in self._waiting.pop(trial_id, []):
            self._lose(planned.trial_id)
