"""Replays of recorded reference numbers: what agrees, by how much, and what is not covered."""
