"""What is read out of a frozen encoder: features, probes, decoders, the choice of the best."""
