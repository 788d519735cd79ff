"""Static pages over a snapshot of the lake. A section of the page is an entry of `sections.SECTIONS`."""
