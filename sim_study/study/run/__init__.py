"""Running a plan, or saying what would be run: Ray, workers, signals; the only importer of ray."""
