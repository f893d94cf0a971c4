"""Probes as the paper's code trains them: every epoch of every probe encodes the corpus anew."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from sim_study.config.probe import ProbeConfig
from sim_study.data.audio import to_float
from sim_study.data.clips import Clips
from sim_study.model.encoder import Encoder
from sim_study.model.posterior import reparameterise, standard_normal
from sim_study.naming.targets import Target


class ReferenceProbe:
    """One probe's training, an epoch at a time.

    Kind to the other side: it uses this project's encoder, and only as far as the probed depth.

    Args:
        encoder: Frozen.
        layer: The depth that is probed.
        target: What is read out.
        sampled: The interpretability protocol: sampled latents, no bias.
        clips: Training-split syllables.
        config: How the probe is trained.
    """

    def __init__(
        self,
        encoder: Encoder,
        layer: str,
        target: Target,
        *,
        sampled: bool,
        clips: Clips,
        config: ProbeConfig,
    ) -> None:
        model = encoder.config.model
        width = model.context_channels if layer == "context" else model.channels
        self.encoder, self.layer, self.target, self.sampled = encoder, layer, target, sampled
        self.config = config
        self.linear = nn.Linear(width, len(clips.classes[target]), bias=not sampled)
        self.adam = torch.optim.Adam(self.linear.parameters(), lr=config.learning_rate)

    def epoch(self, clips: Clips) -> None:
        """Pass over the training syllables once."""
        for rows in np.array_split(
            np.random.default_rng(0).permutation(len(clips)),
            -(-len(clips) // self.config.batch_size),
        ):
            scores = self.linear(self._features(clips, rows))
            labels = torch.from_numpy(clips.labels[self.target][rows])
            loss = nn.functional.cross_entropy(scores, labels)
            self.adam.zero_grad()
            torch.autograd.backward(loss)
            self.adam.step()

    def score(self, clips: Clips) -> float:
        """Return the accuracy (fraction) on syllables."""
        right = 0
        with torch.no_grad():
            for first in range(0, len(clips), self.config.batch_size):
                rows = np.arange(first, min(first + self.config.batch_size, len(clips)))
                found = self.linear(self._features(clips, rows)).argmax(dim=1).numpy()
                right += int((found == clips.labels[self.target][rows]).sum())
        return right / len(clips)

    def _features(self, clips: Clips, rows: np.ndarray) -> torch.Tensor:
        """Encode clips up to the depth: (clip, channel), means over frames."""
        with torch.no_grad():
            x = to_float(clips.samples[rows]).unsqueeze(1)  # (B, 1, T)
            for layer, module in self.encoder.convolutional().items():
                if self.sampled and self.encoder.config.method == "sim":
                    mu, log_var = module.posterior(x)  # (B, L, C)
                    noise = standard_normal(mu, torch.default_generator)
                    z = reparameterise(mu, log_var, noise)
                else:
                    z = module.mean(x)  # (B, L, C)
                if layer == self.layer:
                    return z.mean(dim=1)
                x = z.transpose(1, 2)  # (B, C, L)
            pooled: torch.Tensor = self.encoder.context(z).mean(dim=1)
            return pooled


def reference_probes(
    encoder: Encoder, clips: Clips, config: ProbeConfig
) -> Iterator[ReferenceProbe]:
    """Yield every probe of a checkpoint: each target and depth, both protocols."""
    for target in config.targets:
        for layer in encoder.layer_names:
            for sampled in (False, True):
                yield ReferenceProbe(
                    encoder, layer, target, sampled=sampled, clips=clips, config=config
                )
