# JupyterLab with the Swingby kernel and the notebooks. Binder uses this file as it is.
#
#	docker build -t swingby .
#	docker run --rm -p 127.0.0.1:8888:8888 swingby
#
# and open the address with a token that it prints. The notebooks are those of
# the image; to work in a folder of one's own: -v "$PWD:/home/jovyan/work".

FROM golang:1.26-bookworm AS build
WORKDIR /src
# The modules first: they change less often than the source.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN sh install/scripts/build.sh

FROM python:3.13-slim-bookworm
# Binder's names; the number must not be root's.
ARG NB_USER=jovyan
ARG NB_UID=1000
RUN useradd --create-home --uid "$NB_UID" "$NB_USER"
COPY install/requirements.txt /tmp/install/
COPY install/papermill /tmp/install/papermill
# The same packages as those of make lab, byte for byte.
RUN python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --require-hashes -r /tmp/install/requirements.txt && \
	python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --no-index --no-deps /tmp/install/papermill && \
	rm -rf /tmp/install
COPY install/overrides.json /usr/local/share/jupyter/lab/settings/
COPY install/jupyter_server_config.py /usr/local/etc/jupyter/
COPY --from=build /src/bin/swingby /usr/local/bin/
COPY LICENSE docs/licences.txt /usr/local/share/doc/swingby/
RUN swingby install --prefix /usr/local && swingby version

COPY --chown=$NB_UID:$NB_UID notebooks /home/$NB_USER/notebooks
USER $NB_USER
WORKDIR /home/$NB_USER
# Stored pictures show before they are run.
RUN jupyter trust notebooks/*.ipynb
EXPOSE 8888
# No entrypoint, so that Binder and JupyterHub can start what they need.
CMD ["jupyter-lab", "--ip=0.0.0.0", "--no-browser"]
