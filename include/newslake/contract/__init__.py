"""What readers may rely on: schemas with versions, published beside the data, and what may not change without a new one."""
