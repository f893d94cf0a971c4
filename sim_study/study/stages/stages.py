"""From a trial to the stage that runs it."""

from __future__ import annotations

from sim_study.config.decoder import DecoderConfig
from sim_study.config.probe import ProbeConfig
from sim_study.config.trial import EncoderConfig, Trial
from sim_study.config.views import ViewsConfig
from sim_study.study.stages.bench import Bench
from sim_study.study.stages.decoder_stage import run_decoder
from sim_study.study.stages.encoder_stage import run_encoder
from sim_study.study.stages.metrics_stage import run_metrics
from sim_study.study.stages.probe_stage import run_probe
from sim_study.study.stages.views_stage import run_views


def run_stage(trial: Trial, bench: Bench) -> dict[str, float]:
    """Run a trial's stage and return its final metrics.

    Raises:
        Diverged: A loss became NaN or infinite.
        UserError: A checkpoint is damaged, or the trial does not fit its upstream.
    """
    config = trial.config
    if isinstance(config, EncoderConfig):
        return run_encoder(trial, config, bench)
    if isinstance(config, ProbeConfig):
        return run_probe(trial, config, bench)
    if isinstance(config, DecoderConfig):
        return run_decoder(trial, config, bench)
    if isinstance(config, ViewsConfig):
        return run_views(trial, config, bench)
    return run_metrics(trial, config, bench)
