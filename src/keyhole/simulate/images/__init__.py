"""A phantom scanned: grids, CT and MR images, label maps, spoiled ones too."""
