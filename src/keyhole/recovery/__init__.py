"""A patient's course: scores, medicines, steps, milestones, complications. No image is needed."""
