# Two images from one file. `api` answers requests, keeps the books and rings bells: no torch in it.
# `worker` trains. Build with: docker build --target api -t stillhouse-api .
ARG PYTHON=3.12
ARG NODE=22

FROM node:${NODE}-bookworm-slim AS dashboard
WORKDIR /dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci
COPY dashboard ./
RUN npm run build

FROM python:${PYTHON}-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    # Threads that spin while they wait starve their neighbours.
    OMP_WAIT_POLICY=PASSIVE \
    STILLHOUSE_DATA_DIR=/data \
    STILLHOUSE_LOG_FORMAT=json
# A user of its own: a trainer needs no root, and the sandbox for checkpoints makes its namespaces
# from an ordinary user's rights.
RUN useradd --uid 10001 --create-home --home-dir /home/stillhouse stillhouse \
    && install -d -o stillhouse -g stillhouse /data
WORKDIR /src
RUN pip install uv
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY kd_core kd_core
COPY stillhouse stillhouse
COPY migrations migrations
COPY api api
COPY worker worker
# Puts the dashboard into the package, where it is built.
COPY tools/wheel_with_dashboard.py tools/

FROM base AS api
COPY --from=dashboard /dashboard/dist dashboard/dist
RUN uv pip install --system --no-cache --compile-bytecode -c constraints.txt '.[api]' \
    && python -c "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is not None)"
WORKDIR /home/stillhouse
USER stillhouse
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["uvicorn", "api.main:create_app", "--factory", "--host", "0.0.0.0", "--port", "8080", \
     "--no-proxy-headers"]

FROM base AS worker
# Bytecode is compiled here: without it every attempt would compile torch and timm anew.
RUN uv pip install --system --no-cache --compile-bytecode -c constraints.txt '.[api,worker,parquet]'
WORKDIR /home/stillhouse
USER stillhouse
VOLUME /data
STOPSIGNAL SIGTERM
CMD ["python", "-m", "worker.app"]
