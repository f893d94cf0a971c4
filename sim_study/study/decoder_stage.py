"""The decoder stage: from one module's frozen latents back to sound."""

from __future__ import annotations

from sim_study.checkpoint.store import load_encoder
from sim_study.config.decoder import DecoderConfig
from sim_study.config.trial import Trial
from sim_study.downstream.reconstructions import write_reconstructions
from sim_study.downstream.train_decoder import train_decoder
from sim_study.study.bench import Bench


def run_decoder(trial: Trial, config: DecoderConfig, bench: Bench) -> dict[str, float]:
    """Train a decoder and keep a few sounds."""
    encoder = load_encoder(bench.upstream(trial).checkpoints / config.checkpoint)
    bench.folder.rewind(-1)
    fit = train_decoder(
        encoder,
        bench.corpus.decoder_clips("train"),
        bench.corpus.decoder_clips("test"),
        config,
        trial.seed,
        report=bench.record,
        device=bench.device,
    )
    write_reconstructions(bench.folder.artifacts, fit.sound_ids, fit.originals, fit.reconstructions)
    return fit.metrics
