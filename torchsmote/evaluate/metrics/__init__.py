"""Metrics of predictions for imbalanced classes, and the curves behind them."""
