"""How long trials will take, and how long is left while they run."""
