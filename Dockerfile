# The image of all Airflow services in docker-compose.yaml. It holds exactly what the tests run with: requirements.txt, each
# file compared with its hash. Not apache/airflow: that image brings hundreds of other packages, in other versions.
FROM python:3.12-slim-bookworm

# /opt/airflow belongs to a user who is nobody else; volumes begin with the owner of the folder they are mounted on.
RUN useradd --uid 50000 --gid 0 --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin airflow \
    && install --directory --owner 50000 --group 0 --mode 0775 /opt/airflow /opt/airflow/data /opt/airflow/logs \
    && install --directory --owner 50000 --group 0 --mode 0700 /opt/airflow/auth

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/airflow/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=false \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/airflow/plugins \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=false \
    NEWSLAKE_HOME=/opt/airflow/data/home \
    PYTHONUNBUFFERED=1

WORKDIR /opt/airflow
COPY requirements.txt pyproject.toml ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt && pip check
COPY include include
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .
COPY dags dags
COPY plugins plugins
COPY seeds seeds

# Airflow's Helm chart calls /entrypoint in its health checks.
RUN printf '#!/bin/sh\nexec "$@"\n' > /entrypoint && chmod 0755 /entrypoint

USER 50000:0
ENTRYPOINT ["/entrypoint"]
CMD ["airflow", "version"]
