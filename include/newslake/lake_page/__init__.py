"""The lake's page in Airflow: what it shows (`content.py`, `render.py`), and answers to queries (`ask.py`)."""
