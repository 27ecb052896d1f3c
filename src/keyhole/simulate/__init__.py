"""Keyhole: simulate."""
