# The images of both planes: docker build --target control-plane -t headgate-control-plane . (or data-plane).
# For several platforms: docker buildx build --platform linux/amd64,linux/arm64 --target …; nothing is emulated, because
# the build runs on the machine's own platform and the images only copy.
#
# They run as uid 65532 with a read-only root: what is written goes below /var/lib/headgate. All listeners bind all
# interfaces, so that plain text is refused at start unless HEADGATE_INSECURE=true: see docs/operations/kubernetes.md.

# A release of Node, not a moving tag; give node@sha256:… to pin its very bytes.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /src
COPY .npmrc package.json package-lock.json ./
COPY shared/package.json shared/
COPY proto/package.json proto/
COPY control-plane/package.json control-plane/
COPY data-plane/package.json data-plane/
COPY e2e/package.json e2e/
COPY bench/package.json bench/
# No package needs a script of its own to be built or to run: better-sqlite3 brings binaries of every platform.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node_modules/.bin/tsc -b control-plane data-plane
ARG TARGETARCH
RUN node scripts/assemble-image-tree.mjs control-plane /tree/control-plane "$TARGETARCH" \
 && node scripts/assemble-image-tree.mjs data-plane /tree/data-plane "$TARGETARCH" \
 && mkdir -m 0700 /tree/data

FROM ${NODE_IMAGE} AS control-plane
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Headgate control plane" \
      org.opencontainers.image.description="Stores what should be true and streams it to the data planes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    HEADGATE_API_ADDRESS=0.0.0.0:9001 \
    HEADGATE_GRPC_ADDRESS=0.0.0.0:9002 \
    HEADGATE_STATUS_ADDRESS=0.0.0.0:9004 \
    HEADGATE_DATA_DIR=/var/lib/headgate/data
COPY --from=build --chown=65532:65532 /tree/data /var/lib/headgate
COPY --from=build /tree/control-plane /opt/headgate
USER 65532:65532
WORKDIR /var/lib/headgate
EXPOSE 9001 9002 9004
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/headgate/control-plane/bin/headgate-control-plane.js"]

FROM ${NODE_IMAGE} AS data-plane
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Headgate data plane" \
      org.opencontainers.image.description="Routes, balances, forwards and probes from the snapshots it is sent" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    HEADGATE_HTTP_ADDRESS=0.0.0.0:8080 \
    HEADGATE_ADMIN_ADDRESS=0.0.0.0:9003 \
    HEADGATE_STATE_DIR=/var/lib/headgate/state
COPY --from=build --chown=65532:65532 /tree/data /var/lib/headgate
COPY --from=build /tree/data-plane /opt/headgate
USER 65532:65532
WORKDIR /var/lib/headgate
EXPOSE 8080 9003
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/headgate/data-plane/bin/headgate-data-plane.js"]
