# The package of `make deb`, built and installed on Debian.
#
#     docker build -t codis-server .
#     docker run -p 6379:6379 -v codis-data:/var/lib/codis codis-server
ARG SWIFT=swift:6.3-bookworm
FROM ${SWIFT} AS build
WORKDIR /source
COPY . .
RUN make deb && mv .build/codis-server_*.deb /codis-server.deb

FROM debian:bookworm-slim
COPY --from=build /codis-server.deb /tmp/
RUN apt-get update \
    && apt-get install -y --no-install-recommends /tmp/codis-server.deb \
    && rm -rf /tmp/codis-server.deb /var/lib/apt/lists/*
USER codis
WORKDIR /var/lib/codis
VOLUME /var/lib/codis
EXPOSE 6379
# Within a container the port is reached from outside of it, and the log belongs to the container's own.
ENTRYPOINT ["codis-server", "/etc/codis/redis.conf", "--logfile", "", "--protected-mode", "no"]
