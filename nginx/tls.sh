#!/bin/sh
# Makes a certificate authority and a certificate for one host, for machines that have no certificate from a
# public authority: `tls.sh FOLDER HOST` writes ca.crt, ca.key, HOST.crt and HOST.key. What is valid for
# another month is kept; browsers may trust the authority.
set -eu
umask 077
folder=$1 host=$2
authority_days=3650 days=90 renew_before_s=2592000

command -v openssl >/dev/null || { echo "openssl is not installed: apt-get install openssl." >&2; exit 1; }
mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] || { echo "The folder $folder cannot be written." >&2; exit 1; }
cd "$folder"
# One run at a time, where the system has flock.
if command -v flock >/dev/null; then exec 9>lock && flock 9; fi

case $host in
  localhost) names=DNS:localhost,IP:127.0.0.1,IP:::1 ;;
  *:*) names=IP:$host ;;
  *[!0-9.]*) names=DNS:$host ;;
  *) names=IP:$host ;;
esac

is_kept() { [ -s "$1.key" ] && openssl x509 -in "$1.crt" -noout -checkend "$renew_before_s" >/dev/null 2>&1; }
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

if ! is_kept ca; then
  new_key ca.key.new
  openssl req -x509 -new -key ca.key.new -sha256 -days "$authority_days" -out ca.crt.new \
    -subj "/O=Payloom/CN=Payloom local authority of $(date +%F)" \
    -addext keyUsage=critical,keyCertSign,cRLSign
  chmod 644 ca.crt.new
  mv ca.key.new ca.key
  mv ca.crt.new ca.crt
  echo "made an authority that is valid for ten years: $PWD/ca.crt"
fi

if is_kept "$host" && openssl verify -CAfile ca.crt "$host.crt" >/dev/null 2>&1; then
  echo "the certificate is valid until $(openssl x509 -in "$host.crt" -noout -enddate | cut -d= -f2): $PWD/$host.crt"
  exit 0
fi
new_key "$host.key.new"
printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth \
  "subjectAltName=$names" >"$host.ext"
openssl req -new -key "$host.key.new" -subj "/O=Payloom/CN=$host" -out "$host.csr"
openssl x509 -req -in "$host.csr" -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" -sha256 \
  -days "$days" -extfile "$host.ext" -out "$host.crt.new" 2>/dev/null
rm -f "$host.csr" "$host.ext"
chmod 644 "$host.crt.new"
mv "$host.key.new" "$host.key"
mv "$host.crt.new" "$host.crt"
echo "made a certificate for $host that is valid for $days days: $PWD/$host.crt"
