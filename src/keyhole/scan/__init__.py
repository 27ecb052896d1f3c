"""Keyhole: scan."""
