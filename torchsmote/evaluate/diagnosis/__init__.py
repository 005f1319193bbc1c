"""What is known about a table before anything is resampled."""
