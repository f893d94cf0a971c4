from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from sim_study.config.method import Method
from sim_study.config.model import ModelConfig
from sim_study.config.train import ObjectiveConfig, OnlineProbeConfig, TrainConfig
from sim_study.config.trial import EncoderConfig
from sim_study.data.clips import Clips
from sim_study.data.recordings import Recordings
from sim_study.data.utterances import Utterances
from sim_study.model.encoder import Encoder, build_encoder

PITCHES_HZ = (300, 900, 2700)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Clips of every batch that any encoder encodes from here on."""
    batches: list[int] = []
    encode = Encoder.encode

    def counted(self: Encoder, audio: torch.Tensor, *args: object) -> object:
        batches.append(len(audio))
        return encode(self, audio, *args)

    monkeypatch.setattr(Encoder, "encode", counted)
    return batches


@pytest.fixture(scope="session")
def encoder() -> Callable[..., Encoder]:
    """A function that builds a small untrained encoder: `encoder("sim", seed=1, modules=3)`."""

    def build(method: Method, seed: int = 0, modules: int = 3) -> Encoder:
        config = EncoderConfig(
            method=method,
            model=ModelConfig(modules=modules, channels=6, context_channels=5),
            objective=ObjectiveConfig(),
            train=TrainConfig(),
            online_probe=OnlineProbeConfig(),
        )
        return build_encoder(config, seed)

    return build


@pytest.fixture(scope="session")
def tones() -> Callable[..., Clips]:
    """A function that makes clips whose vowel is the pitch of a tone: `tones(clips=60)`."""

    def make(clips: int = 60, samples: int = 1_600, seed: int = 0) -> Clips:
        random = np.random.default_rng(seed)
        vowels = np.arange(clips) % 3
        seconds = np.arange(samples) / 16_000
        phase = random.uniform(0, 2 * np.pi, (clips, 1))
        waves = np.sin(2 * np.pi * np.take(PITCHES_HZ, vowels)[:, None] * seconds + phase)
        sounds = 0.5 * waves + 0.01 * random.standard_normal((clips, samples))
        return Clips(
            ids=[f"tone_{index}" for index in range(clips)],
            samples=np.round(sounds * 32_767).astype(np.int16),
            labels={"vowel": vowels, "syllable": random.integers(0, 9, clips)},
            classes={"vowel": ("a", "i", "u"), "syllable": tuple("abcdefghi")},
            values={},
            groups=np.arange(clips) // 3,
        )

    return make


@pytest.fixture(scope="session")
def phone_tones() -> Callable[..., Utterances]:
    """A function that makes utterances whose phone is a tone's pitch: `phone_tones(count=6)`.

    Phones change every 8 frames (80 ms); labels are 3 frames shorter than the sound. Speakers
    differ in loudness.
    """

    def make(count: int = 6, seed: int = 0) -> Utterances:
        random = np.random.default_rng(seed)
        sounds, phones = [], []
        for speaker in np.arange(count) % 2:
            spoken = np.repeat(random.integers(0, 3, random.integers(10, 16)), 8)
            pitches = np.repeat(np.take(PITCHES_HZ, spoken), 160)
            wave = np.sin(2 * np.pi * np.cumsum(pitches) / 16_000)
            sound = (0.2 + 0.4 * speaker) * wave + 0.01 * random.standard_normal(len(wave))
            sounds.append(np.round(sound * 32_767).astype(np.int16))
            phones.append(spoken[3:].astype(np.int64))
        return Utterances(
            ids=[f"utterance_{number}" for number in range(count)],
            recordings=Recordings(sounds),
            phones=phones,
            speakers=np.arange(count) % 2,
            groups=np.arange(count),
            classes={"phone": ("low", "middle", "high"), "speaker": ("quiet", "loud")},
        )

    return make
