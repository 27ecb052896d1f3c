"""Shapes and how they are sampled: signed distance functions, made, joined and measured."""
