"""A static site over a snapshot of the lake. Its pages and their sections stand in `sections/`."""
