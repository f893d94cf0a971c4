"""What a study's means leave out: replicates that did not finish, seeds that only searched."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.configurations import Configuration
from analysis.runs import Run


def missing_replicates(runs: Sequence[Run], configurations: Sequence[Configuration]) -> list[str]:
    """Say which trials of the given configurations are missing from every mean, and why."""
    labels = {(one.arm, one.config_hash): one.label for one in configurations}
    sentences = []
    for run in runs:
        label = labels.get((run.encoder.arm, run.encoder.config_hash))
        if label is None or run.status == "finished":
            continue
        reason = f" ({run.result.reason})" if run.result and run.result.reason else ""
        sentences.append(
            f"{label}, seed {run.encoder.seed}: its {run.member.stage} is {run.status}{reason} "
            "and counts in no mean."
        )
    return sentences


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


def _listed(seeds: list[int]) -> str:
    return ", ".join(map(str, seeds))
