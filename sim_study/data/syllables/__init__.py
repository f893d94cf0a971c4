"""Corpora of CV syllables: their alphabet, their files, their tables and pictures."""
