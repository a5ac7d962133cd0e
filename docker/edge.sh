#!/bin/sh
# Starts nginx: fills its template from the environment, with a certificate of a local authority where none is
# given.
set -eu
stop() {
  echo "payloom-edge: $*" >&2
  exit 1
}

case ${PUBLIC_URL:=https://localhost} in
  https://?*) ;;
  *) stop "PUBLIC_URL must be an https origin such as https://pay.example.com, not $PUBLIC_URL." ;;
esac
PUBLIC_URL=${PUBLIC_URL%/}
HOST=${PUBLIC_URL#https://}
case $HOST in
  \[*) ;;
  *) HOST=${HOST%:*} ;;
esac

if [ -z "${CERTIFICATE:-}${CERTIFICATE_KEY:-}" ]; then
  tls /tls "$HOST"
  CERTIFICATE=/tls/$HOST.crt CERTIFICATE_KEY=/tls/$HOST.key
fi
for name in CERTIFICATE CERTIFICATE_KEY; do
  eval "file=\${$name:-}"
  [ -n "$file" ] || stop "$name must be set, as CERTIFICATE and CERTIFICATE_KEY belong together."
  [ -r "$file" ] || stop "$name names $file, which cannot be read."
done

SENTRY_ORIGIN='' SENTRY_TIMING='' SENTRY_ENVIRONMENT=${SENTRY_ENVIRONMENT:-production}
if [ -n "${SENTRY_BROWSER_DSN:-}" ]; then
  printf %s "$SENTRY_BROWSER_DSN" | grep -Eq '^https?://[A-Za-z0-9_]+@[]A-Za-z0-9_.:[-]+(/[A-Za-z0-9_.-]+)*/[0-9]+$' ||
    stop 'SENTRY_BROWSER_DSN must be https://KEY@HOST/PROJECT.'
  printf %s "$SENTRY_ENVIRONMENT" | grep -Eq '^[A-Za-z0-9_.-]+$' ||
    stop 'SENTRY_ENVIRONMENT must be a name such as production.'
  address=${SENTRY_BROWSER_DSN#*@}
  SENTRY_ORIGIN=" ${SENTRY_BROWSER_DSN%%:*}://${address%%/*}"
  SENTRY_TIMING="sentry;desc=\"$SENTRY_BROWSER_DSN\", environment;desc=\"$SENTRY_ENVIRONMENT\""
fi

case ${SERVICE_WORKER:-on} in
  on) WORKER_FILE=/sw.js ;;
  off) WORKER_FILE=/sw-off.js ;;
  *) stop 'SERVICE_WORKER must be on or off.' ;;
esac

# A volume; without one only the files of this image are served.
pages=/var/lib/payloom/pages
if [ -w "$pages" ]; then
  keep-pages "$WEB_ROOT" "$pages"
  WEB_ROOT=$pages
fi

prefix=/run/nginx
mkdir -p "$prefix/conf.d"
ln -sfn /etc/nginx/html "$prefix/html"
export PUBLIC_URL HOST CERTIFICATE CERTIFICATE_KEY SENTRY_ORIGIN SENTRY_TIMING WORKER_FILE WEB_ROOT
template=/etc/nginx/templates/site.conf.template
# Only the names of the template: nginx has variables of its own.
envsubst "$(grep -o '\${[A-Z0-9_]*}' "$template")" <"$template" >"$prefix/conf.d/site.conf"
exec nginx -p "$prefix/" -c /etc/nginx/nginx.conf -g 'daemon off;'
