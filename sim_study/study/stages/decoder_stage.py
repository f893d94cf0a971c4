"""The decoder stage: from one module's frozen latents back to sound."""

from __future__ import annotations

from sim_study.checkpoint.store import load_encoder
from sim_study.config.decoder import DecoderConfig
from sim_study.config.trial import Trial
from sim_study.downstream.decoders.contribution_files import (
    contribution_metrics,
    write_contribution,
)
from sim_study.downstream.decoders.decoded_sounds import SoundMaker
from sim_study.downstream.decoders.sound_folder import write_sounds
from sim_study.downstream.decoders.train_decoder import train_decoder
from sim_study.errors import Problem, UserError
from sim_study.naming.result_keys import layer_title
from sim_study.study.stages.bench import Bench


def run_decoder(trial: Trial, config: DecoderConfig, bench: Bench) -> dict[str, float]:
    """Train a decoder, let it be heard, and measure how few dimensions change what it says.

    Raises:
        UserError: A contribution score is wanted of a test split that forms no pair of clips.
    """
    train, test = bench.corpus.decoder_clips("train"), bench.corpus.decoder_clips("test")
    if config.contribution_clips and len(test) < 2:
        law = f"must be 0: the test split has {len(test)} clip, and the score is about pairs"
        raise UserError(Problem("decoder", law, "contribution_clips", config.contribution_clips))
    encoder = load_encoder(bench.upstream(trial).checkpoints / config.checkpoint)
    bench.folder.rewind(-1)
    fit = train_decoder(
        encoder, train, test, config, trial.seed, report=bench.record, device=bench.device
    )
    maker = SoundMaker(encoder, fit.decoder, config, trial.seed, bench.device)
    for sounds in maker.folders(train, test):
        write_sounds(bench.folder.artifacts, sounds)
    metrics = dict(fit.metrics)
    if config.contribution_clips:
        found, layer = maker.contribution(test), f"module_{config.module}"
        metrics |= contribution_metrics(found, config.loss, layer)
        title = f"{encoder.config.method}, {layer_title(layer)}, {config.loss}"
        write_contribution(bench.folder.artifacts, found, title)
    return metrics
