#!/bin/sh
# pino 10.4.0: `redact` with 14 names at three levels makes a line cost about twice as much, with nothing to redact.
set -eu
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
cd "$base"
echo '{"type":"module","private":true}' > package.json
npm install --no-audit --no-fund pino@10.4.0 > npm.log 2>&1 || { cat npm.log; exit 1; }
cat > measure.js <<'END'
import { openSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { pino } from 'pino';
const names = Array.from({ length: 14 }, (_, index) => `secret${index}`);
const paths = names.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
const fields = { route: 'GET /things', status: 200, ms: 12.5, caller: { id: 'user-7', role: 'reader' } };
const loggerWith = (options) => pino(options, pino.destination({ dest: openSync(devNull, 'a'), sync: false }));
const microseconds = (log) => {
  const before = process.cpuUsage();
  for (let count = 0; count < 30_000; count += 1) log.info(fields, 'request');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 30_000;
};
const [plain, redacting] = [loggerWith({}), loggerWith({ redact: paths })];
microseconds(plain);
microseconds(redacting);
const [without, withPaths] = [microseconds(plain), microseconds(redacting)];
const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`pino ${versionOf('pino')}, @pinojs/redact ${versionOf('@pinojs/redact')}, node ${process.version}, ${process.platform} ${process.arch}`);
console.log(`a line without redact: ${without.toFixed(1)} µs of CPU; with ${paths.length} paths: ${withPaths.toFixed(1)} µs`);
process.exitCode = withPaths > 1.5 * without ? 0 : 1;
END
node measure.js || { echo 'This has changed.'; exit 1; }
echo 'As found: where names matter rather than paths, look through the fields in formatters.log instead.'
