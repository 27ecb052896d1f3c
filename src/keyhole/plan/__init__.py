"""Keyhole: plan."""
