"""What --fresh deletes: said before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sim_study.config.trial import Stage
from sim_study.ledger.ledger import Ledger
from sim_study.study.show.words import clock


def deletion_lines(ledger: Ledger, study: str, doomed: Mapping[str, Stage]) -> list[str]:
    """Say which trials would be deleted, and which other studies lose them.

    Args:
        ledger: Where they are.
        study: The study that is run anew.
        doomed: Stage of each, by trial id.
    """
    if not doomed:
        return []
    results = [ledger.folder(trial_id).result() for trial_id in doomed]
    seconds = sum(result.seconds for result in results if result)
    stages = ", ".join(f"{count} {stage}" for stage, count in Counter(doomed.values()).items())
    trials = "1 trial" if len(doomed) == 1 else f"{len(doomed)} trials"
    lines = [f"--fresh deletes {trials} of {ledger.output} ({stages}; {clock(seconds)} of work)"]
    for other in ledger.studies():
        if other == study:
            continue
        shared = sorted({m.trial_id for m in ledger.study(other).members()} & doomed.keys())
        if shared:
            lines.append(f"  study {other} loses {len(shared)} of them: {', '.join(shared)}")
    return lines
