"""Keyhole: plan. What would be done in this patient, how far it keeps from what matters, or why
it is not done.

Vocabulary: *passage*, one pedicle as a screw meets it; *line*, a tool's axis through it; *dock*,
where the tool first meets the bone; *fit*, a screw that keeps its walls; *pedestal*, the fits
left to choose from at one pedicle; *way*, the line from the skin to the bone.

`stabilize` plans, `verify` checks an edited plan again; `model` is what a plan says.
"""
