"""Sizes of outlines whose sizes are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyhole.anatomy.caliper import area_of, calipers, inscribed_diameter, span_along

ROUND = np.linspace(0, 2 * np.pi, 721)[:-1]


def ellipse(a, b, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.column_stack([a * np.cos(ROUND), b * np.sin(ROUND)]) @ np.array([[c, s], [-s, c]])


@given(a=st.floats(2.5, 8), ratio=st.floats(1.1, 2), degrees=st.floats(-80, 80))
def test_an_ellipse_at_any_angle(a, ratio, degrees):
    outline = ellipse(a, a * ratio, degrees)
    width, height, direction = calipers(outline)
    assert width == pytest.approx(2 * a, abs=0.01)
    assert height == pytest.approx(2 * a * ratio, abs=0.05)
    turned = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    assert abs(direction @ turned) == pytest.approx(1, abs=0.02)
    assert area_of(outline) == pytest.approx(np.pi * a * a * ratio, rel=1e-3)


def test_the_largest_circle_in_a_rectangle():
    square = np.array([[-4.0, -9], [4, -9], [4, 9], [-4, 9]])
    assert inscribed_diameter(square) == pytest.approx(8, abs=0.2)
    assert span_along(square, np.array([0.0, 1.0])) == 18
