"""Keyhole: anatomy."""
