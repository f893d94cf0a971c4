"""From tables to figures: one file a figure, one style for all."""
