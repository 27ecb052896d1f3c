"""What a phantom is to be: sizes, their spread, and where each vertebra stands."""
