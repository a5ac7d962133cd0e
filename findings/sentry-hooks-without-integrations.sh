#!/bin/sh
# @sentry/node 11.12.0: init registers module hooks although defaultIntegrations is false.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > npm.log
npm install --no-audit --no-fund @sentry/node@11.12.0 >> npm.log 2>&1
cat > hooks.mjs <<'END'
import module from 'node:module';
let registered = 0;
for (const name of ['register', 'registerHooks']) {
  const original = module[name];
  if (!original) continue;
  module[name] = (...given) => {
    registered++;
    return original(...given);
  };
}
module.syncBuiltinESMExports();
const { init } = await import('@sentry/node');
const before = registered;
init({ dsn: 'http://key@127.0.0.1:9/1', defaultIntegrations: false, ...JSON.parse(process.argv[2]) });
console.log(`${process.argv[2]}: ${registered - before > 0 ? 'hooks' : 'no hooks'}`);
process.exit(0);
END
echo "node $(node --version), $(uname -sm), @sentry/node 11.12.0"
{ node hooks.mjs '{}'; node hooks.mjs '{"enableRuntimeChannelInjection":false}'; } 2>/dev/null | tee seen.txt
printf '{}: hooks\n{"enableRuntimeChannelInjection":false}: no hooks\n' | cmp -s - seen.txt ||
  { echo 'This has changed.'; exit 1; }
echo 'As found: only enableRuntimeChannelInjection: false leaves the loading of modules alone.'
