"""An encoder of a finished study, loaded and used: `python examples/use_encoder.py kld:sim`.

Needs the study's results (`make study`), in runs/ or the folder given next. Ten lines do the work.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from sim_study.checkpoint.store import load_encoder
from sim_study.data.prepare import prepare
from sim_study.downstream.codes.features import pooled_features
from sim_study.ledger.ledger import Ledger
from sim_study.space.load import load


def main(wanted: str = "kld:sim", output: str = "runs") -> None:
    """Encode the test clips of a study's corpus by the first encoder of one of its arms.

    Args:
        wanted: STUDY:ARM; the study's space file is STUDY.yaml.
        output: Where the study ran.
    """
    study, _, arm = wanted.partition(":")
    ledger = Ledger(Path(output))
    encoders = [one for one in ledger.study(study).members() if one.stage == "encoder"]
    trial = next(one for one in encoders if one.arm == arm).trial_id
    encoder = load_encoder(ledger.folder(trial).checkpoints / "last")

    audio = torch.zeros(1, 1, 10_240)  # (batch, channel, sample): 0.64 s at 16 kHz, in [-1, 1)
    for layer, latents in encoder.encode(audio).items():  # posterior means
        print(f"{layer:<10} (batch, frame, channel) = {tuple(latents.shape)}")

    spec, _ = load(f"{study}.yaml")
    corpus = prepare(spec.corpus, Path(output))  # opened, where the study has prepared it
    clips = corpus.probe_clips("test")
    codes = pooled_features(encoder, clips.samples, seed=None)  # seed=1: one draw of SIM's latents
    print(f"{len(clips)} clips, labelled by {', '.join(clips.labels)}")
    print(f"context, mean over frames: (clip, channel) = {codes['context'].shape}")


if __name__ == "__main__":
    main(*sys.argv[1:])
