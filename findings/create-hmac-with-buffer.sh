#!/bin/sh
# Node 24.21.0: createHmac with a Buffer as key costs several times as much as with a KeyObject of the same key.
set -eu
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
cd "$base"
echo '{"type":"module","private":true,"allowScripts":{"node":true}}' > package.json
npm install --no-audit --no-fund node@24.21.0 > npm.log 2>&1 || { cat npm.log; exit 1; }
cat > measure.js <<'END'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
const bytes = randomBytes(32);
const key = createSecretKey(bytes);
const text = randomBytes(16).toString('hex');
const microseconds = (secret) => {
  const before = process.cpuUsage();
  for (let count = 0; count < 50_000; count += 1) createHmac('sha256', secret).update(text).digest();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 50_000;
};
microseconds(bytes);
microseconds(key);
const [withBuffer, withKey] = [microseconds(bytes), microseconds(key)];
console.log(`node ${process.version}, ${process.platform} ${process.arch}`);
console.log(`a Buffer: ${withBuffer.toFixed(1)} µs of CPU, a KeyObject: ${withKey.toFixed(1)} µs`);
process.exitCode = withBuffer > 2 * withKey ? 0 : 1;
END
node_modules/.bin/node measure.js || { echo 'This has changed.'; exit 1; }
echo 'As found: create the KeyObject once (createSecretKey), and keep it.'
