"""Articles of our own with annotations by docs/annotation.md; README.md says how they are written."""
