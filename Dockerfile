# Sanad as a container: `docker build -t sanad .`. Further extras of pyproject.toml and Debian packages by argument:
#   docker build -t sanad --build-arg EXTRAS=openai,ocr --build-arg PACKAGES="tesseract-ocr tesseract-ocr-ara" .
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/sanad/bin:$PATH
WORKDIR /src
RUN python -m venv /opt/sanad
# What changes seldom comes first. PyTorch's CPU index is tried once, as in the Makefile: its build is a fifth of the other.
COPY pyproject.toml constraints.txt ./
RUN pip install --retries 0 --timeout 5 --extra-index-url https://download.pytorch.org/whl/cpu -c constraints.txt torch \
 || pip install -c constraints.txt torch
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
extras = [e for e in '${EXTRAS}'.split(',') if e]; \
print(*p['dependencies'], *(d for e in extras for d in p['optional-dependencies'][e]), sep='\n')" > requirements.txt \
 && pip install -c constraints.txt -r requirements.txt
COPY . .
RUN pip install --no-deps .

FROM python:${PYTHON}-slim
ARG PACKAGES=""
# hadolint ignore=DL3008  Debian's versions change under a tag of the base image
RUN if [ -n "${PACKAGES}" ]; then \
      apt-get update && apt-get install -y --no-install-recommends ${PACKAGES} && rm -rf /var/lib/apt/lists/*; \
    fi \
 && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin sanad \
 && install -d -o sanad -g sanad -m 0750 /data
COPY --from=build /opt/sanad /opt/sanad
# Models that SANAD_EMBEDDING_MODEL names are kept in the volume; none is in the image but the bundled one.
ENV PATH=/opt/sanad/bin:$PATH PYTHONUNBUFFERED=1 HF_HOME=/data/models MPLCONFIGDIR=/tmp/matplotlib \
    SANAD_DATA_DIR=/data SANAD_METRICS_HOST=0.0.0.0 SANAD_METRICS_PORT=9464
USER 10001
WORKDIR /data
VOLUME /data
# 8080: the webhook, where there is one; 9464: /healthz, /readyz and /metrics.
EXPOSE 8080 9464
HEALTHCHECK --interval=30s --timeout=35s --start-period=60s --retries=3 CMD ["sanad", "health"]
ENTRYPOINT ["sanad"]
CMD ["bot"]
