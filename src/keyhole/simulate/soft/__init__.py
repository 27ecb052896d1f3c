"""All that is not bone: discs, canal, nerves, muscles, vessels, organs, skin."""
