# Intellibooks Studio: one image for web, workers and watchdog. See compose.yaml.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
# Also what object storage and traces need, so that a setting is enough. A file whose hash is not in
# the lock is refused.
COPY requirements.lock .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
# libgomp: whisper.cpp's threads. Nothing else is needed from the system: PyAV brings FFmpeg.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin studio \
    && install -d -o studio -g studio /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY manage.py ./
COPY intellibooks intellibooks
COPY chat chat
COPY transcription transcription
COPY meetings meetings
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    HOST=0.0.0.0 \
    AUTH_MODE=required \
    PORT=8004
USER studio
VOLUME /data
EXPOSE 8004
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/api/health', timeout=2)"]
CMD ["python", "manage.py", "web"]
