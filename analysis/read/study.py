"""A study as its ledger holds it, read once a command and handed to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.read.configurations import Configuration, read_configurations, shown
from analysis.read.replicates import ByPlace, values_by_configuration
from analysis.read.runs import Run, read_runs
from analysis.read.table import curve_table, metric_table, trial_table
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.study_facts import StudyFacts


@dataclass(frozen=True, eq=False)
class StudyRecord:
    """One study; what follows from its trials is worked out when first asked for, and kept.

    Args:
        name: The study's name.
        facts: What the engine wrote about it.
        runs: Its trials, in order of joining.
    """

    name: str
    facts: StudyFacts
    runs: tuple[Run, ...]

    @classmethod
    def read(cls, ledger: Ledger, study: str) -> StudyRecord:
        """Read a study; every trial's files are opened once, its curve when that is asked for.

        Raises:
            UserError: When there is no such study; names those there are.
        """
        runs = read_runs(ledger, study)
        return cls(study, StudyFacts.read(ledger.study(study)), tuple(runs))

    @cached_property
    def configurations(self) -> tuple[Configuration, ...]:
        """All configurations, by arm in order of appearance, then by number."""
        return tuple(read_configurations(self.runs, self.facts))

    @cached_property
    def shown(self) -> tuple[Configuration, ...]:
        """The configurations that are worth a row."""
        return tuple(shown(self.configurations))

    @cached_property
    def best(self) -> tuple[Configuration, ...]:
        """Every arm's winner, where it has one."""
        return tuple(one for one in self.configurations if one.is_best)

    def values(self, one: Configuration) -> ByPlace:
        """A configuration's final values, by quantity, target and layer, then by seed."""
        return self._values.get(one.key, {})

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row a trial: see `trial_table`."""
        return trial_table(self.name, self.runs)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row a final metric: see `metric_table`."""
        return metric_table(self.runs)

    @cached_property
    def curves(self) -> pd.DataFrame:
        """One row a reported value: see `curve_table`."""
        return curve_table(self.runs)

    @cached_property
    def _values(self) -> dict[tuple[str, str], ByPlace]:
        return values_by_configuration(self.runs)
