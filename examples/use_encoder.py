"""An encoder of a finished study, loaded and used: `python examples/use_encoder.py kld:sim`.

Needs the study's results (a sweep of kld.yaml), in runs/ or the folder given next. Ten lines do
the work.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from sim_study.checkpoint.store import load_encoder
from sim_study.data.prepare import prepare
from sim_study.downstream.codes.features import pooled_features
from sim_study.downstream.codes.latents import encode
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

    sound = np.sin(np.arange(16_000) / 10)  # a second at 16 kHz, in [-1, 1): soundfile.read(...)
    for layer, latents in encode(encoder, sound).items():  # posterior means; seed=1: one draw
        print(f"{layer:<10} (frame, channel) = {latents.shape}")

    spec, _ = load(f"{study}.yaml")
    corpus = prepare(spec.corpus, Path(output))  # opened, where the study has prepared it
    clips = corpus.probe_clips("test")
    codes = pooled_features(encoder, clips.samples, seed=None)  # seed=1: one draw of SIM's latents
    print(f"{len(clips)} clips, labelled by {', '.join(clips.labels)}")
    print(f"context, mean over frames: (clip, channel) = {codes['context'].shape}")


if __name__ == "__main__":
    main(*sys.argv[1:])
