"""Frozen latents as arrays: of clips, of frames, of whole utterances."""
