#!/bin/sh
# zod 4.6.7: toJSONSchema with a registry of one's own leaves out what .meta() and .describe() have said.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > npm.log
npm install --no-audit --no-fund zod@4.6.7 >> npm.log 2>&1
cat > schema.mjs <<'END'
import * as z from 'zod';
const name = z.string().meta({ description: 'of a person' });
const registry = z.registry().add(name, { id: 'Name' });
console.log('without:', JSON.stringify(z.toJSONSchema(name)));
console.log('with:', JSON.stringify(z.toJSONSchema(z.object({ name }), { metadata: registry }).$defs));
END
echo "node $(node --version), $(uname -sm), zod 4.6.7"
node schema.mjs | tee seen.txt
grep -q '^without: .*"description":"of a person"' seen.txt &&
  grep -q '^with: {"Name":{"type":"string"}}$' seen.txt || { echo 'This has changed.'; exit 1; }
echo 'As found: the description is missing from the schema that the registry names.'
