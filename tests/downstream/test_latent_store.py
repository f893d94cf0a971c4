import pytest
import torch

from sim_study.downstream.codes.latent_store import LatentStore

SAMPLES = 1_600
LATENT_BYTES = 9 * 10 * 6 * 4  # clips, frames, channels, bytes


@pytest.mark.parametrize("layer", ["module_0", "module_2", "context"])
def test_latents_are_the_same_whether_kept_or_computed_when_asked_for(encoder, tones, layer):
    clips = tones(9, SAMPLES)
    rows = torch.tensor([4, 0, 8])
    kept = LatentStore(encoder("sim"), clips.samples, layer)
    computed = LatentStore(encoder("sim"), clips.samples, layer, room_bytes=0)
    assert len(kept) == len(computed) == 9
    assert kept[rows].shape[0] == 3
    torch.testing.assert_close(kept[rows], computed[rows], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("room", "clips"), [(LATENT_BYTES, [9]), (LATENT_BYTES - 1, [2, 2])])
def test_what_fits_is_encoded_once(encoder, tones, encoded, room, clips):
    store = LatentStore(encoder("gim"), tones(9, SAMPLES).samples, "module_2", room_bytes=room)
    store[torch.tensor([0, 1])]
    store[torch.tensor([1, 2])]
    assert encoded == clips
