import numpy as np
import pytest
import torch

from sim_study.config.train import TrainConfig
from sim_study.data.audio import to_float
from sim_study.train.batches import SHARE_FOR_CLIPS, epoch_batches, resident, to_audio
from sim_study.train.examples import unlabelled

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def clips():
    return np.random.default_rng(0).integers(-9000, 9000, (9, 3200)).astype(np.int16)


@pytest.mark.parametrize("crop_samples", [None, 1600])
def test_batches_from_a_device_are_those_from_memory(crop_samples):
    config = TrainConfig(batch_size=4, crop_samples=crop_samples)
    memory, device = (
        [batch.samples for batch in epoch_batches(unlabelled(samples), config, seed=3, epoch=2)]
        for samples in (clips(), torch.from_numpy(clips()))
    )
    assert len(memory) == 2
    for ours, theirs in zip(memory, device, strict=True):
        assert np.array_equal(ours, theirs.numpy())
        assert torch.equal(to_audio(ours, CPU), to_audio(theirs, CPU))


def test_audio_is_scaled_and_has_one_channel():
    batch = clips()[:2]
    assert torch.equal(to_audio(batch, CPU), to_float(batch).unsqueeze(1))


def test_clips_stay_mapped_on_a_cpu():
    samples = clips()
    assert resident(samples, CPU) is samples


@pytest.mark.parametrize(("room", "copied"), [(1.01, True), (0.99, False)])
def test_clips_move_to_a_gpu_that_has_room(monkeypatch, room, copied):
    samples = clips()
    free = int(samples.nbytes / SHARE_FOR_CLIPS * room)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 10 * free))
    moves = []
    monkeypatch.setattr(torch.Tensor, "to", lambda self, device: moves.append(device) or self)
    assert (resident(samples, GPU) is samples) != copied
    assert moves == ([GPU] if copied else [])
