# syntax=docker/dockerfile:1
# Handrail as one static binary in an otherwise empty image. Zones are embedded in the binary; the only files beside it are
# the CA certificates for TLS to chat networks and databases.
#
#	docker build -t handrail .
#	docker run --rm -p 127.0.0.1:8642:8642 handrail demo --addr 0.0.0.0:8642 --data /data

FROM golang:1.26-bookworm AS build
WORKDIR /src
# The modules first: they change less often than the code.
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/handrail ./cmd/handrail \
    && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/handrail /handrail
# 65532 has no name, no shell and no home; it owns only its data and a place for temporary files.
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
VOLUME /data
# Health and metrics stay on the container's own loopback: publishing a port by mistake cannot reach them.
ENV HANDRAIL_DATA=/data \
    HANDRAIL_HTTP_ADDR=0.0.0.0:8642 \
    HANDRAIL_ADMIN_ADDR=127.0.0.1:8643
EXPOSE 8642
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["/handrail", "health"]
ENTRYPOINT ["/handrail"]
CMD ["serve"]
