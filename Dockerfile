# One image for every role: `serve`, `worker`, `migrate`. PostgreSQL and Redis are given by DATABASE_URL and REDIS_URL.
FROM node:20-bookworm-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/server/webui/dist server/webui/dist
ARG VERSION=docker
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /taskurotta ./server/cmd/taskurotta

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tzdata libxml2-utils && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/taskurotta taskurotta \
    && install -d -o taskurotta -g taskurotta /var/lib/taskurotta/files
COPY --from=build /taskurotta /usr/local/bin/taskurotta
USER taskurotta
WORKDIR /var/lib/taskurotta
EXPOSE 8420
ENTRYPOINT ["taskurotta"]
CMD ["serve"]
