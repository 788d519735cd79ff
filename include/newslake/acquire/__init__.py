"""Reading sources: one file a kind. Bytes are kept as they came."""
