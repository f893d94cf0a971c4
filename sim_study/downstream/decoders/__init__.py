"""Decoders: from frozen latents back to sound, and what they have to say."""
