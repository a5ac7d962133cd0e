#!/bin/sh
# moleculer-repl 0.8.0: `call` with parameters in JSON drops all other flags without a word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > npm.log
npm install --no-audit --no-fund moleculer@0.15.2 moleculer-repl@0.8.0 >> npm.log 2>&1
cat > repl.cjs <<'END'
const { ServiceBroker } = require('moleculer');
const broker = new ServiceBroker({ logger: false });
broker.createService({
  name: 'demo',
  actions: { show: (ctx) => console.log(`SEEN ${JSON.stringify({ params: ctx.params, user: ctx.meta.user })}`) },
});
broker.start().then(() => broker.repl());
END
{
  sleep 2
  echo "call demo.show --a 1 --#user ada"
  sleep 1
  echo "call demo.show '{\"a\":1}' --#user ada"
  sleep 1
} | node repl.cjs 2>&1 | grep -o 'SEEN {.*' > seen.txt
echo "node $(node --version), $(uname -sm), moleculer-repl 0.8.0, moleculer 0.15.2"
cat seen.txt
cat > expected.txt <<'END'
SEEN {"params":{"a":1},"user":"ada"}
SEEN {"params":{"a":1}}
END
cmp -s expected.txt seen.txt || { echo 'This has changed: the second line should lack the user.'; exit 1; }
echo 'As found: the user given by the flag is missing where the parameters are JSON.'
