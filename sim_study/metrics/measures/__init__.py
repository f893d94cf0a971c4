"""One file a metric, named as in a configuration."""
