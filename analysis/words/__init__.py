"""What numbers mean, in sentences."""
