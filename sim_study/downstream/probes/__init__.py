"""Linear probes: what labels can be read from frozen latents."""
