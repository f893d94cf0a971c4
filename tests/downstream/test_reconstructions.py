import numpy as np
import soundfile

from sim_study.downstream.reconstructions import write_reconstructions


def test_sounds_and_figure_are_written(tmp_path):
    seconds = np.arange(10_240) / 16_000
    originals = np.stack([0.5 * np.sin(2 * np.pi * hertz * seconds) for hertz in (440, 880)])
    paths = write_reconstructions(tmp_path / "sounds", ["a", "b"], originals, 4 * originals)
    assert [path.name for path in paths] == [
        "original_a.wav",
        "reconstructed_a.wav",
        "original_b.wav",
        "reconstructed_b.wav",
        "reconstructions.png",
    ]
    sound, rate_hz = soundfile.read(paths[0])
    assert rate_hz == 16_000
    np.testing.assert_allclose(sound, originals[0], atol=1e-4)
    assert np.abs(soundfile.read(paths[1])[0]).max() > 0.999  # clipped, not wrapped around
    assert paths[-1].stat().st_size > 10_000


def test_no_sounds_no_figure(tmp_path):
    assert write_reconstructions(tmp_path, [], np.zeros((0, 9)), np.zeros((0, 9))) == []
