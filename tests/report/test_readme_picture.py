"""The README's picture: small, described, and made again by one command."""

import re
import subprocess
import sys

from PIL import Image


def test_it_is_small_and_described(root):
    alt, place = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", (root / "README.md").read_text())[0]
    assert (root / place).stat().st_size < 200_000
    assert len(alt) > 100


def test_one_command_makes_it_again_from_a_phantom(root, tmp_path):
    place = tmp_path / "docs" / "plan.webp"
    subprocess.run([sys.executable, root / "scripts" / "picture", place, "2"], check=True)
    with Image.open(place) as made, Image.open(root / "docs/pictures/plan.webp") as kept:
        assert made.size == kept.size
        assert made.format == "WEBP"
