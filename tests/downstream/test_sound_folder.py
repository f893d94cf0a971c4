import csv

import numpy as np
import pytest
import soundfile

from sim_study.downstream.decoders.sound_folder import Sound, SoundFolder, spread, write_sounds

SECONDS = np.arange(10_240) / 16_000


def tone(name: str, amplitude: float, hertz: float = 440) -> Sound:
    wave = amplitude * np.sin(2 * np.pi * hertz * SECONDS)
    return Sound(name, f"{hertz} Hz", wave.astype(np.float32))


def table(folder) -> list[dict[str, str]]:
    with (folder / "sounds.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_sounds_are_a_folder_with_sounds_a_table_and_a_picture(tmp_path):
    rows = ((tone("a", 0.5), tone("b", 0.25)), (tone("c", 0.1),))
    write_sounds(tmp_path, SoundFolder("tones", "Three tones.", rows))
    folder = tmp_path / "tones"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["a.wav", "b.wav", "c.wav", "sounds.csv", "tones.png"]
    sound, rate_hz = soundfile.read(folder / "a.wav")
    assert rate_hz == 16_000
    np.testing.assert_allclose(sound, rows[0][0].samples, atol=1e-4)
    assert [line["row"] for line in table(folder)] == ["0", "0", "1"]
    assert {line["gain"] for line in table(folder)} == {"1"}
    assert (folder / "tones.png").stat().st_size > 10_000


def test_a_loud_row_is_turned_down_together_and_the_table_says_so(tmp_path):
    rows = ((tone("loud", 4), tone("soft", 1)), (tone("other", 0.5),))
    write_sounds(tmp_path, SoundFolder("tones", "", rows))
    folder = tmp_path / "tones"
    peaks = {path.stem: np.abs(soundfile.read(path)[0]).max() for path in folder.glob("*.wav")}
    assert peaks == pytest.approx({"loud": 1, "soft": 0.25, "other": 0.5}, abs=1e-3)
    loud, soft, other = table(folder)
    assert float(loud["peak"]) == pytest.approx(4, rel=1e-3)
    assert loud["gain"] == soft["gain"] == "0.25"
    assert other["gain"] == "1"
    wave = soundfile.read(folder / "loud.wav")[0]
    assert (np.abs(wave) > 0.999).mean() < 0.05  # not flat at the top, as a clipped one would be


def test_silence_can_be_seen(tmp_path):
    silence = Sound("nothing", "silence", np.zeros(10_240, np.float32))
    write_sounds(tmp_path, SoundFolder("silence", "", ((silence,),)))
    assert not soundfile.read(tmp_path / "silence" / "nothing.wav")[0].any()


@pytest.mark.parametrize("rows", [(), ((), ())])
def test_no_sounds_no_folder(tmp_path, rows):
    write_sounds(tmp_path, SoundFolder("empty", "", rows))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("count", "of", "rows"), [(3, 5, [0, 2, 4]), (9, 2, [0, 1]), (0, 5, []), (1, 5, [0])]
)
def test_spread_goes_from_first_to_last(count, of, rows):
    assert spread(count, of) == rows
