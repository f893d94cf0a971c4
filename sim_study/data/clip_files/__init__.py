"""Corpora of clips of equal length: one Arrow file a form and split, their tables and pictures."""
