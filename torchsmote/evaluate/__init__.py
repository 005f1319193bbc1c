"""Does resampling help? Diagnose a table, compare methods on it, calibrate, and report."""
