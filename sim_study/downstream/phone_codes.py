"""Codes of whole utterances under both protocols, kept in memory where they fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from sim_study.config.identity import seed_for
from sim_study.data.clips import Split
from sim_study.data.utterances import Utterances
from sim_study.downstream.probe_protocols import by_protocol
from sim_study.downstream.standardise import Moments, RunningMoments
from sim_study.downstream.utterance_codes import UtteranceCodes
from sim_study.model.encoder import Encoder

KEPT_BYTES = 2**30
"""Codes of a split up to this size stay in memory. Those of a larger one (100 hours at 512
channels: 250 GB a protocol) are made anew in every pass, and come out the same."""


class PhoneCodes:
    """What probes of phones see of one split, an utterance at a time.

    Args:
        encoder: A frozen encoder.
        utterances: The split's.
        split: Its name; splits get different draws of sampled latents.
        seed: Draws the sampled latents.
        device: Where to encode.
        kept_bytes: Size up to which all codes are kept.
    """

    def __init__(
        self,
        encoder: Encoder,
        utterances: Utterances,
        split: Split,
        seed: int,
        device: torch.device | str = "cpu",
        *,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        def encode(sampled: bool) -> UtteranceCodes:
            codes_seed = seed_for(seed, split) if sampled else None
            return UtteranceCodes(encoder, utterances, seed=codes_seed, device=device)

        self.utterances = utterances
        self._encoders = by_protocol(encoder, encode)
        self._distinct = tuple(dict.fromkeys(self._encoders.values()))  # one, without sampling
        self._scales: Mapping[str, Moments] = {}
        self._kept: dict[int, dict[str, np.ndarray]] = {}
        model = encoder.config.model
        channels = model.channels * (len(encoder.layer_names) - 1) + model.context_channels
        values = sum(map(len, utterances.phones)) * channels * len(self._distinct)
        self._keeps = values * np.dtype(np.float32).itemsize <= kept_bytes

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        """Return an utterance's codes by `protocol/layer`: (label, channel) float32."""
        if row in self._kept:
            return self._kept[row]
        codes = {
            key: self._scales[key].standardise(latents) if key in self._scales else latents
            for key, latents in self._encode(row).items()
        }
        if self._keeps:
            self._kept[row] = codes
        return codes

    def moments(self) -> dict[str, Moments]:
        """Take mean and deviation of every dimension over all labelled frames, by the same keys."""
        running: dict[str, RunningMoments] = {}
        for row in range(len(self.utterances)):
            for key, latents in self[row].items():
                running.setdefault(key, RunningMoments()).add(latents)
        return {key: one.moments for key, one in running.items()}

    def standardise(self, scales: Mapping[str, Moments]) -> None:
        """From now on bring codes to mean 0 and variance 1, by moments of the training split."""
        self._scales = scales
        self._kept.clear()

    def _encode(self, row: int) -> dict[str, np.ndarray]:
        encoded = {one: one.labelled(row) for one in self._distinct}
        return {
            f"{protocol}/{layer}": latents
            for protocol, one in self._encoders.items()
            for layer, latents in encoded[one].items()
        }
