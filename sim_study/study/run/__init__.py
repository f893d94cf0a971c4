"""Running a plan: Ray, workers, signals; the only importer of ray."""
