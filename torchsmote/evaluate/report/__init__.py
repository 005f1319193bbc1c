"""One self-contained page for a diagnosis or a comparison."""
