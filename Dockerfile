# The commands, the flows and the report, for a user without rights: docker build -t labelhouse .
#   docker run --rm -v "$PWD:/work" labelhouse demo
# Versions are those of constraints.txt. PYTHON_IMAGE names another base, such as a mirror's.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
# What is installed, without hashes: a wheel that was built here has none in constraints.txt.
COPY constraints.txt ./
RUN sed -n 's/^\([A-Za-z0-9._-]*==.*\) \\$/\1/p' constraints.txt > versions.txt
RUN python -m venv /opt/labelhouse && python -m pip install -c versions.txt hatchling build
COPY pyproject.toml README.md LICENSE ./
COPY sql ./sql
COPY transforms ./transforms
RUN python -m build --wheel --no-isolation --outdir dist .
RUN /opt/labelhouse/bin/python -m pip install -c versions.txt "$(echo dist/*.whl)[flows,report]"

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/labelhouse /opt/labelhouse
COPY flows /opt/labelhouse/app/flows
COPY deployments /opt/labelhouse/app/deployments
RUN useradd --uid 10001 --create-home labelhouse && install -d -o labelhouse /work
ENV PATH=/opt/labelhouse/bin:$PATH DO_NOT_TRACK=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /work
ENTRYPOINT ["labelhouse"]
CMD ["--help"]
