# One image for the web server, the worker and the scheduler; they differ in their command only.

ARG PYTHON=3.14-slim-trixie

FROM python:${PYTHON} AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements.txt /tmp/requirements.txt
# Nothing is installed later: the result needs no pip. Wheels only: nothing is compiled.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --only-binary :all: --require-hashes -r /tmp/requirements.txt \
    && /opt/venv/bin/pip uninstall --yes pip

WORKDIR /app
COPY manage.py gunicorn.conf.py ./
COPY securityinfo securityinfo
COPY accounts accounts
COPY methods methods
COPY templates templates
COPY static static
COPY locale locale
COPY deploy/run deploy/run
# Settings want an environment even for static files; none of these values reaches the image.
RUN SECURITYINFO_PUBLIC_URL=https://build.invalid \
    SECURITYINFO_SECRET_KEY="$(/opt/venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    SECURITYINFO_ENCRYPTION_KEYS="b:$(/opt/venv/bin/python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    DATABASE_URL=sqlite:///:memory: \
    REDIS_URL=redis://build.invalid/0 \
    EMAIL_URL=smtps://build.invalid \
    /opt/venv/bin/python manage.py collectstatic --no-input \
    && /opt/venv/bin/python -m compileall -q securityinfo accounts methods \
    && find . -type d -name tests -prune -exec rm -r {} + \
    # A checkout under a strict umask is readable to its owner only; the application's user is another.
    && chmod -R u=rwX,go=rX /app


FROM python:${PYTHON}

LABEL org.opencontainers.image.title="securityinfo" \
      org.opencontainers.image.description="Self-service security info: the ways in which people prove who they are" \
      org.opencontainers.image.licenses="Apache-2.0"

# A new volume takes its owner from the folder that it is mounted on.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/securityinfo
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app

ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BIND=0.0.0.0 PORT=8000
WORKDIR /app
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM

# web, worker, scheduler, migrate or manage; see deploy/run
ENTRYPOINT ["/app/deploy/run"]
CMD ["web"]
