"""The views stage: pictures and tables of what a probe trial has kept."""

from __future__ import annotations

from sim_study.config.trial import EncoderConfig, Trial
from sim_study.config.views import ViewsConfig
from sim_study.ledger.probe_trial import read_probe_trial
from sim_study.study.stages.bench import Bench


def run_views(trial: Trial, config: ViewsConfig, bench: Bench) -> dict[str, float]:
    """Draw an encoder's codes and probes.

    Raises:
        UserError: The probe trial did not read a wanted target, or kept too little.
    """
    from sim_study.views.show import heading, write_views  # with matplotlib: where there are views

    folder = bench.upstream(trial)
    probe = folder.trial()
    encoder = bench.upstream(probe).trial()
    assert isinstance(encoder.config, EncoderConfig)
    kept = read_probe_trial(folder)
    title, note = heading(encoder.config, probe)
    return write_views(bench.folder.artifacts, kept, config, trial.seed, title, note)
