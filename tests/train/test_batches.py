import numpy as np
import pytest

from sim_study.config.lengths import steps_per_epoch
from sim_study.config.train import TrainConfig
from sim_study.data.recordings import Recordings
from sim_study.train.batches import epoch_batches
from sim_study.train.examples import Examples, FrameLabels, unlabelled


def sounds(examples, config, **at):
    return [batch.samples for batch in epoch_batches(examples, config, **at)]


def clips(count, length=3200):
    """Clip i holds i * 10 + (number of the 160-sample frame), so every sample tells its place."""
    frame = np.arange(length) // 160
    return unlabelled((np.arange(count)[:, None] * 100 + frame).astype(np.int16))


def test_an_epoch_shows_every_clip_once():
    batches = sounds(clips(8), TrainConfig(batch_size=4), seed=0, epoch=1)
    assert sorted(int(row[0]) // 100 for batch in batches for row in batch) == list(range(8))


@pytest.mark.parametrize(("count", "shapes"), [(11, [4, 4]), (3, [3]), (4, [4])])
def test_an_incomplete_batch_is_dropped_unless_it_is_the_only_one(count, shapes):
    batches = sounds(clips(count), TrainConfig(batch_size=4), seed=0, epoch=1)
    assert [len(batch) for batch in batches] == shapes
    assert steps_per_epoch(count, 4) == len(shapes)


def test_the_order_is_a_function_of_seed_and_epoch():
    def order(seed, epoch):
        (batch,) = sounds(clips(8), TrainConfig(batch_size=8), seed=seed, epoch=epoch)
        return batch[:, 0].tolist()

    assert order(0, 1) == order(0, 1)
    assert order(0, 1) != order(0, 2)
    assert order(0, 1) != order(1, 1)


def test_crops_start_on_the_grid_and_reach_both_ends():
    config = TrainConfig(batch_size=4, crop_samples=1600)
    starts = set()
    for epoch in range(40):
        for batch in sounds(clips(4), config, seed=0, epoch=epoch):
            assert batch.shape == (4, 1600)
            frames = batch % 100
            assert (frames[:, 159] == frames[:, 0]).all()
            starts |= set(frames[:, 0].tolist())
    assert starts == set(range(11))


def spoken(lengths, classes=5):
    """Recordings whose samples tell the number of their frame, and a class for every frame."""
    sounds = [(np.arange(length) // 160).astype(np.int16) for length in lengths]
    frames = [np.arange(length // 160) % classes for length in lengths]
    return sounds, frames


def test_labels_stay_with_their_clips():
    samples = clips(9).samples
    examples = Examples(samples, np.array([1, 3, 4, 8]), np.arange(9) * 11, 99)
    seen = {}
    for batch in epoch_batches(examples, TrainConfig(batch_size=2), seed=0, epoch=1):
        for row, label in zip(batch.samples, batch.labels, strict=True):
            seen[int(row[0]) // 100] = int(label)
    assert seen == {1: 11, 3: 33, 4: 44, 8: 88}


def test_a_crop_has_the_classes_of_its_frames():
    sounds, frames = spoken([1920, 2000, 4000])
    labels = FrameLabels(frames, crop_frames=10)
    examples = Examples(Recordings(sounds), np.array([0, 2]), labels, 5)
    config = TrainConfig(batch_size=2, crop_samples=1600)
    starts = set()
    for epoch in range(60):
        (batch,) = epoch_batches(examples, config, seed=0, epoch=epoch)
        assert batch.labels.shape == (2, 10)
        assert np.array_equal(batch.samples[:, ::160] % 5, batch.labels)
        starts |= set(batch.samples[:, 0].tolist())
    assert starts == set(range(16)), "both recordings, to their ends"
