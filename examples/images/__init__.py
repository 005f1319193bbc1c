"""Long-tailed images, one small network, and many ways to train it: the example's code and the study's."""
