#!/bin/bash
# Whether the process of this container is ready. Without curl or another Node: it runs every few seconds.
exec 3<>/dev/tcp/127.0.0.1/"${METRICS_PORT:-3090}" || exit 1
printf 'GET /health/ready HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
