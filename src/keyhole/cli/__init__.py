"""Keyhole: cli."""
