# One image for `touchbase serve`, for the shared Prefect server and for its workers: see compose.yaml.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /opt/touchbase
COPY requirements/run.txt requirements/
RUN python -m venv /opt/venv
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
COPY LICENSE README.md prefect.yaml pyproject.toml ./
COPY connectors connectors
COPY examples examples
COPY flows flows
COPY people people
COPY rules rules
RUN /opt/venv/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
RUN /opt/venv/bin/python -m compileall -q connectors flows people rules

FROM python:${PYTHON}-slim
# The user of the files in /data and of the secrets: give it your own number if it is another one.
ARG UID=1000
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
RUN useradd --uid ${UID} --create-home touchbase && install -d -m 0700 -o touchbase -g touchbase /data
COPY --from=build /opt /opt
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    TOUCHBASE_CONFIG=/data/touchbase.toml
USER touchbase
WORKDIR /data
EXPOSE 4200
# It is unhealthy if something needs you: docker compose exec one touchbase status
HEALTHCHECK --interval=5m --timeout=1m --start-period=3m CMD ["touchbase", "status"]
ENTRYPOINT ["tini", "--", "python", "-P", "-m", "flows.server.container"]
CMD ["touchbase", "serve", "--in-container"]
