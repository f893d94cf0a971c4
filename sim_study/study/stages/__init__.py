"""What one trial does, a file a stage."""
