"""One frozen model a stage; defaults live here and nowhere else."""
