"""Codes of whole utterances under both protocols, kept in memory where they fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from sim_study.config.identity import seed_for
from sim_study.data.clips import Split
from sim_study.data.utterances import Utterances
from sim_study.downstream.codes.code_size import KEPT_BYTES, code_bytes
from sim_study.downstream.codes.standardise import Moments, RunningMoments
from sim_study.downstream.codes.utterance_codes import UtteranceCodes
from sim_study.downstream.probes.probe_protocols import by_protocol
from sim_study.model.encoder import Encoder


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
        self._scales: Mapping[str, Moments] = {}
        self._kept: dict[int, dict[str, np.ndarray]] = {}
        frames = sum(map(len, utterances.phones))
        draws = len(set(self._encoders.values()))  # one, without sampling
        self._keeps = draws * code_bytes(encoder.config.model, frames) <= kept_bytes

    def __getitem__(self, row: int) -> dict[str, np.ndarray]:
        """Return an utterance's codes by `protocol/layer`: (label, channel) float32."""
        if row in self._kept:
            return self._kept[row]
        codes = self._encode(row)
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
        encoded: dict[UtteranceCodes, dict[str, np.ndarray]] = {}
        codes: dict[str, np.ndarray] = {}
        for protocol, one in self._encoders.items():
            if one not in encoded:  # without sampling, protocols share arrays: moments are alike
                encoded[one] = {
                    layer: self._scaled(f"{protocol}/{layer}", latents)
                    for layer, latents in one.labelled(row).items()
                }
            codes |= {f"{protocol}/{layer}": latents for layer, latents in encoded[one].items()}
        return codes

    def _scaled(self, key: str, latents: np.ndarray) -> np.ndarray:
        return self._scales[key].standardise(latents) if key in self._scales else latents
