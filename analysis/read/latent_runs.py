"""Whose latents are meant: a study's, an arm's, a seed's or a trial's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.read.configurations import finished_runs
from analysis.read.study import StudyRecord
from sim_study.config.views import ViewsConfig
from sim_study.errors import Problem, UserError, near_miss
from sim_study.ledger.ledger import Ledger, TrialFolder

TRIAL_NAME = re.compile(r"[0-9a-f]{4,16}")


@dataclass(frozen=True)
class Latents:
    """An encoder whose probe trial has finished.

    Args:
        name: For people and for folders, such as "kld_sim_seed_1".
        encoder: Its trial.
        probe: The trial that has kept its codes.
        config: What is drawn.
    """

    name: str
    encoder: TrialFolder
    probe: TrialFolder
    config: ViewsConfig


def find_latents(ledger: Ledger, run: str) -> list[Latents]:
    """Find what RUN names: STUDY, STUDY:ARM, STUDY:ARM:SEED, a trial or how its name begins.

    Raises:
        UserError: There is no such thing, it is several, or its probe has not finished.
    """
    study, *rest = run.split(":")
    if study in ledger.studies():
        return _of_study(ledger, study, rest, run)
    trials = [] if rest or not TRIAL_NAME.fullmatch(run) else ledger.trial_names(run)
    if len(trials) == 1:
        return [_of_trial(ledger, trials[0])]
    place = str(ledger.output)
    if trials:
        law = f"is how {len(trials)} trials begin"
        raise UserError(Problem(place, law, "RUN", run, f"such as {', '.join(trials[:3])}"))
    known = ledger.studies()
    hint = f"{near_miss(study, known)} studies here: {', '.join(known) or 'none'}".lstrip()
    raise UserError(Problem(place, "is no study and no trial", "RUN", run, hint))


def _of_study(ledger: Ledger, study: str, rest: Sequence[str], run: str) -> list[Latents]:
    place = f"study {study}"
    if len(rest) > 2:
        law = "must be STUDY, STUDY:ARM or STUDY:ARM:SEED"
        raise UserError(Problem(place, law, "RUN", run))
    record = StudyRecord.read(ledger, study)
    arms = list(dict.fromkeys(one.arm for one in record.configurations))
    if rest and rest[0] not in arms:
        hint = f"{near_miss(rest[0], arms)} arms: {', '.join(arms) or 'none'}".lstrip()
        raise UserError(Problem(place, "no such arm", "RUN", run, hint))
    found = []
    for one in record.best:
        probes = finished_runs(record.runs, one, "probe")
        if len(rest) == 2:
            probes = [probe for probe in probes if str(probe.encoder.seed) == rest[1]]
        if probes and one.arm in (rest[:1] or arms):  # a seed that counts, and the lowest of those
            seeds = [probe.encoder.seed for probe in probes]
            seed = min(seeds, key=lambda seed: (seed not in one.counted_seeds, seed))
            probe = probes[seeds.index(seed)]
            encoder = ledger.folder(probe.encoder.trial_id)
            name = f"{study}_{one.arm}_seed_{seed}"
            found.append(Latents(name, encoder, probe.folder, ViewsConfig()))
    if not found:
        known = {str(one.encoder.seed) for one in record.runs if one.member.stage == "probe"}
        law = "has no finished probe trial of a best configuration"
        hint = f"seeds with probes: {', '.join(sorted(known)) or 'none'}"
        raise UserError(Problem(place, law, "RUN", run, hint))
    return found


def _of_trial(ledger: Ledger, trial_id: str) -> Latents:
    folder = ledger.folder(trial_id)
    trial = folder.trial()
    config = trial.config if isinstance(trial.config, ViewsConfig) else ViewsConfig()
    upstream = ledger.folder(trial.upstream) if trial.upstream else folder
    if trial.stage == "probe":
        encoder, probe = upstream, folder
    elif upstream.trial().stage == "probe":
        probe = upstream
        encoder = ledger.folder(str(upstream.trial().upstream))
    else:  # an encoder, or a decoder, whose upstream it is
        encoder, probe = upstream, _probe_of(ledger, upstream.trial_id)
    result = probe.result()
    if result is None or result.status != "finished":
        raise UserError(Problem(str(probe.path), "is a probe trial that has not finished"))
    return Latents(trial_id, encoder, probe, config)


def _probe_of(ledger: Ledger, encoder_id: str) -> TrialFolder:
    """Find an encoder's probe trial over all studies; of several, the one that ended last."""
    names = {
        member.trial_id
        for study in ledger.studies()
        for member in ledger.study(study).members()
        if member.stage == "probe" and member.source == encoder_id
    }
    results = {name: ledger.folder(name).result() for name in names}
    ended = [
        (result.ended_ms, name)
        for name, result in results.items()
        if result and result.status == "finished"
    ]
    if not ended:
        place = str(ledger.folder(encoder_id).path)
        raise UserError(Problem(place, "has no finished probe trial: its codes were not kept"))
    return ledger.folder(max(ended)[1])
