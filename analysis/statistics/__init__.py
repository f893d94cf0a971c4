"""From values by seed to differences with intervals; numbers only."""
