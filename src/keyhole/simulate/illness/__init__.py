"""Illness by order: each changes the design and nothing else."""
