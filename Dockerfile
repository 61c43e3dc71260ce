# docker build -t oopsreplay .
# docker run --rm -i --read-only --network none --cap-drop ALL oopsreplay < boot.log
# docker run --rm --read-only --network none --cap-drop ALL -v "$PWD:/logs:ro" oopsreplay batch .
FROM node:24-slim AS build
WORKDIR /oopsreplay
COPY . .
RUN npm ci --ignore-scripts && npm pack --pack-destination /tmp

FROM node:24-slim
COPY --from=build /tmp/oopsreplay-*.tgz /tmp/
RUN npm install --global --ignore-scripts /tmp/oopsreplay-*.tgz && npm cache clean --force && rm /tmp/oopsreplay-*.tgz
# It reads logs and prints: nothing in the image is its own to write, and standard input or a folder mounted read-only is all that it needs.
USER node
WORKDIR /logs
ENTRYPOINT ["oopsreplay"]
