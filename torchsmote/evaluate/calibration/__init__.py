"""From resampled probabilities back to true ones, and the thresholds that decisions need."""
