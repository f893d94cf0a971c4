"""Corpora: synthesised or read, prepared once, memory-mapped from then on."""
