#!/bin/sh
# Node 24.21.0: an import of node:http loads undici, because it reads every property of the module, WebSocket too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > npm.log
npm install --no-audit --no-fund node@24.21.0 >> npm.log 2>&1
node=node_modules/.bin/node
said='const loaded = process.moduleLoadList.some((name) => name.includes("undici"));
console.log(loaded ? "undici" : "no undici", Math.round(process.memoryUsage().rss / 1e6), "MB", typeof createServer);'
printf 'import { createServer } from "node:http";\n%s\n' "$said" > import.mjs
printf 'const { createServer } = process.getBuiltinModule("node:http");\n%s\n' "$said" > builtin.mjs
echo "node $($node --version), $(uname -sm)"
for way in import builtin; do echo "$way: $($node $way.mjs)"; done | tee seen.txt
grep -q '^import: undici .* function$' seen.txt && grep -q '^builtin: no undici .* function$' seen.txt ||
  { echo 'This has changed.'; exit 1; }
echo 'As found: only process.getBuiltinModule gives createServer without undici.'
