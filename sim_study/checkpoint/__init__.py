"""Trained weights on disk: whole or absent, verified, never pickled."""
