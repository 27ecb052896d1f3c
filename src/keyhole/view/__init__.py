"""Keyhole: view."""
