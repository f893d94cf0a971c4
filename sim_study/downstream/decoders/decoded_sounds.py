"""What a decoder has to say: words, draws, ways between words, ways along dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch

from sim_study.config.decoder import DecoderConfig
from sim_study.config.identity import seed_for
from sim_study.data.audio import to_float
from sim_study.data.clips import Clips, Split
from sim_study.downstream.codes.latents import frozen_latents
from sim_study.downstream.decoders.contribution import (
    Contribution,
    contribution,
    dimension_counts,
    drawn_shifts,
)
from sim_study.downstream.decoders.decoder import Decoder, decode
from sim_study.downstream.decoders.latent_walks import (
    LatentStatistics,
    drawn,
    interpolated,
    latent_statistics,
    matched,
    traversed,
)
from sim_study.downstream.decoders.sound_folder import Sound, SoundFolder, spread
from sim_study.downstream.decoders.train_decoder import clip_draws
from sim_study.ledger.sound_list import (
    DRAWS,
    INTERPOLATIONS,
    ORIGINAL,
    RECONSTRUCTED,
    RECONSTRUCTIONS,
    TRAVERSALS,
)
from sim_study.model.encoder import Encoder

STATISTICS_CLIPS = 64
"""Training words, spread over the split, that say what each dimension is like."""

PARTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the way from one word's latents to the other's."""

AMOUNTS = (-3.0, -1.5, 0.0, 1.5, 3.0)
"""Shifts of one dimension, in its standard deviations."""


class SoundMaker:
    """A decoder with the encoder whose latents it reads.

    Args:
        encoder: Frozen.
        decoder: In evaluation mode, on `device`.
        config: Names the module, and how many sounds are wanted.
        seed: That the decoder was trained with; draws latents.
        device: Where to encode and decode.
    """

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        config: DecoderConfig,
        seed: int,
        device: torch.device | str = "cpu",
    ) -> None:
        self._encoder, self._decoder, self._config = encoder, decoder, config
        self._seed, self._device = seed, device
        self._layer = f"module_{config.module}"

    def folders(self, words_train: Clips, words_test: Clips) -> Iterator[SoundFolder]:
        """Yield reconstructions, interpolations, draws and traversals, as many as are wanted.

        Test words are decoded; training words say what each dimension is like.
        """
        yield self._reconstructions(words_test)
        yield self._interpolations(words_test)
        if self._config.draws or self._config.traversals:
            rows = spread(STATISTICS_CLIPS, len(words_train))
            latents = self.latents(words_train, rows, "train")  # (N, L, C)
            statistics = latent_statistics(latents)
            yield self._draws(statistics, latents.shape[1])
            yield self._traversals(words_test, statistics)

    def latents(self, words: Clips, rows: Sequence[int], split: Split = "test") -> torch.Tensor:
        """Encode some words of a split: (row, frame, channel) float32 on the CPU.

        They are what the decoder was tested on, or at first trained on: means, or one sample.
        """
        samples = words.samples[np.asarray(rows, np.int64)]
        draws = clip_draws(self._config, self._seed, split)
        return frozen_latents(
            self._encoder, samples, self._layer, self._device, draws=draws, rows=rows
        )

    def contribution(self, words_test: Clips) -> Contribution:
        """Measure how few dimensions turn one test word into another; see `contribution`.

        As many words as are wanted are used, spread over the split.
        """
        latents = self.latents(words_test, spread(self._config.contribution_clips, len(words_test)))
        return contribution(
            self._decoder,
            latents,
            dimension_counts(latents.shape[2]),
            drawn_shifts(len(latents), self._config.contribution_partners, self._seed),
            device=self._device,
        )

    def _sounds(self, latents: torch.Tensor) -> np.ndarray:
        """Decode (sequence, frame, channel) to (sequence, sample)."""
        batch = self._config.batch_size
        decoded = decode(self._decoder, latents, batch_size=batch, device=self._device)
        return decoded[:, 0].numpy()

    def _reconstructions(self, words: Clips) -> SoundFolder:
        rows = spread(self._config.sounds, len(words))
        sounds: list[tuple[Sound, ...]] = []
        if rows:
            originals = to_float(words.samples[np.asarray(rows)]).numpy()
            decoded = self._sounds(self.latents(words, rows))
            for row, original, sound in zip(rows, originals, decoded, strict=True):
                word = words.ids[row]
                files = [f"{ORIGINAL}{word}", f"{RECONSTRUCTED}{word}"]
                sounds.append(
                    _row(files, [f"{word}, original", f"{word}, decoded"], [original, sound])
                )
        about = "Test clips and what was decoded of them."
        return SoundFolder(RECONSTRUCTIONS, about, tuple(sounds))

    def _draws(self, statistics: LatentStatistics, frames: int) -> SoundFolder:
        count = self._config.draws
        seed = seed_for(self._seed, "decoder_draws", self._layer)
        generator = torch.Generator().manual_seed(seed)
        standard = drawn(count, frames, len(statistics.mean), generator)  # (N, L, C)
        kinds = {
            "prior": ("N(0, 1)", standard),
            "matched": ("training clips' mean, deviation", matched(standard, statistics)),
        }
        rows = []
        for name, (title, latents) in kinds.items():
            if count:
                files = [f"{name}_{number}" for number in range(count)]
                titles = [f"draw {number}: {title}" for number in range(count)]
                rows.append(_row(files, titles, self._sounds(latents)))
        meaning = (
            "N(0, 1) is the prior that SIM's latents are drawn to."
            if self._encoder.config.traits.samples
            else "These latents have no prior and any scale, so that N(0, 1) may be far from them; "
            "the second row has their scale."
        )
        about = f"Decoded draws, every frame and dimension on its own. {meaning}"
        return SoundFolder(DRAWS, about, tuple(rows))

    def _interpolations(self, words: Clips) -> SoundFolder:
        ends = spread(2 * self._config.interpolations, len(words))
        pairs = len(ends) // 2
        rows = []
        for first, second in zip(ends[:pairs], ends[len(ends) - pairs :], strict=True):
            one, other = self.latents(words, [first, second])  # (L, C) each
            sounds = self._sounds(interpolated(one, other, PARTS))
            names = words.ids[first], words.ids[second]
            files = [f"{names[0]}_to_{names[1]}_{100 * part:03.0f}" for part in PARTS]
            between = [f"{100 * part:.0f} % of the way" for part in PARTS[1:-1]]
            titles = [f"{names[0]}, decoded", *between, f"{names[1]}, decoded"]
            rows.append(_row(files, titles, sounds))
        about = "Straight ways between the latents of two test clips, decoded at five points."
        return SoundFolder(INTERPOLATIONS, about, tuple(rows))

    def _traversals(self, words: Clips, statistics: LatentStatistics) -> SoundFolder:
        word, rows = words.ids[0], []
        channels = statistics.leading(self._config.traversals)
        if channels:
            start = self.latents(words, [0])[0]  # (L, C)
        for channel in channels:
            deviation = float(statistics.deviation[channel])
            sounds = self._sounds(traversed(start, channel, deviation, AMOUNTS))
            files = [f"{word}_dimension_{channel}_{amount:+.1f}sd" for amount in AMOUNTS]
            titles = [f"dimension {channel}, {amount:+.1f} sd" for amount in AMOUNTS]
            rows.append(_row(files, titles, sounds))
        about = (
            f"{word} with one dimension shifted in all frames, by standard deviations over "
            "training clips: the dimensions in whose mean over frames clips differ most."
        )
        return SoundFolder(TRAVERSALS, about, tuple(rows))


def _row(files: list[str], titles: list[str], sounds: Iterable[np.ndarray]) -> tuple[Sound, ...]:
    return tuple(Sound(*one) for one in zip(files, titles, sounds, strict=True))
