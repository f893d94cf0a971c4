"""What a study's means leave out: replicates that did not finish, seeds that only searched."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.read.configurations import Configuration
from analysis.read.runs import Run


def missing_replicates(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[str]:
    """Say which trials of the given configurations are missing from every mean, and why."""
    labels = {(one.arm, one.config_hash): one.label for one in configurations}
    seeds: dict[tuple[str, str, str], list[int]] = {}  # by label, stage, how it stands
    for run in runs:
        label = labels.get((run.encoder.arm, run.encoder.config_hash))
        if label is None or run.status == "finished":
            continue
        reason = f" ({run.result.reason})" if run.result and run.result.reason else ""
        missing = seeds.setdefault((label, run.member.stage, f"{run.status}{reason}"), [])
        missing.append(run.encoder.seed)
    stages: dict[tuple[str, str, str], list[str]] = {}  # by label, how it stands, seeds
    for (label, stage, standing), missing in seeds.items():
        names = stages.setdefault((label, standing, _listed(sorted(set(missing)))), [])
        names.append(stage)
    return [
        _missing(label, standing, listed, names)
        for (label, standing, listed), names in stages.items()
    ]


def _missing(label: str, standing: str, seeds: str, stages: Sequence[str]) -> str:
    several = len(stages) > 1
    whose = "their" if "," in seeds else "its"
    return (
        f"{label}, seed{'s' * (',' in seeds)} {seeds}: {whose} {_and(stages)} "
        f"{'are' if several else 'is'} {standing} and count{'s' * (not several)} in no mean."
    )


def role_sentences(configurations: Sequence[Configuration]) -> list[str]:
    """Say where only confirming seeds count, and where beside them searching seeds do.

    One sentence for all configurations with equal seeds.
    """
    labels: dict[tuple[str, str], list[str]] = {}
    for one in configurations:
        if one.seeds("confirm") and one.seeds("search"):
            seeds = (_listed(one.seeds("confirm")), _listed(one.seeds("search")))
            labels.setdefault(seeds, []).append(one.label)
    sentences = [
        f"{'; '.join(names)}: only the confirming seeds {confirm} count; the search used seeds "
        f"{search}."
        for (confirm, search), names in labels.items()
    ]
    return sentences + _searched_only(configurations)


def _searched_only(configurations: Sequence[Configuration]) -> list[str]:
    """Tables that hold both kinds of means say so."""
    without: dict[str, list[str]] = {}
    for one in configurations:
        if not one.seeds("confirm"):
            without.setdefault(_listed(one.seeds("search")), []).append(one.label)
    if not any(one.seeds("confirm") for one in configurations):
        return []
    return [
        f"{'; '.join(names)}: never confirmed, so the searching seeds {seeds} count, beside the "
        "confirming seeds of others."
        for seeds, names in without.items()
    ]


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))
