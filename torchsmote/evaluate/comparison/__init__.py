"""Methods side by side on the same folds, resampled in training parts only."""
