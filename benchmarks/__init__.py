"""Measurements: ratios between things timed in the same run, medians over several. `make benchmark` prints them."""
