"""Training an encoder: steps, epochs, random streams; knows neither Ray nor MLflow nor disks."""
