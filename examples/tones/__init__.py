"""The corpus tones: three vowel-like pitches, to try something out in seconds."""
