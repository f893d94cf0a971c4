"""The engine room: what runs when. The only importer of ray and optuna."""
