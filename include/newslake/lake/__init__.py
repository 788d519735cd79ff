"""How the lake is stored: Delta tables, snapshots of them, and the analysts' database. Nothing else knows."""
