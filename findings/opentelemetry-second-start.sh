#!/bin/sh
# @opentelemetry/sdk-node 0.301.0: a NodeSDK that starts after another one has ended in the same process exports no span.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > npm.log
npm install --no-audit --no-fund @opentelemetry/sdk-node@0.301.0 @opentelemetry/sdk-trace@3.1.0 \
  @opentelemetry/api@1.10.0 >> npm.log 2>&1
cat > starts.mjs <<'END'
import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace';

const spansOf = async (name) => {
  let count = 0;
  const exporter = {
    export: (spans, done) => {
      count += spans.length;
      done({ code: 0 });
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const sdk = new NodeSDK({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  trace.getTracer('finding').startSpan(name).end();
  await sdk.shutdown();
  return count;
};

console.log('first start:', await spansOf('first'));
console.log('second start:', await spansOf('second'));
trace.disable();
console.log('after trace.disable():', await spansOf('third'));
END
echo "node $(node --version), $(uname -sm), @opentelemetry/sdk-node 0.301.0"
node starts.mjs 2>/dev/null | tee seen.txt
printf 'first start: 1\nsecond start: 0\nafter trace.disable(): 1\n' | cmp -s - seen.txt ||
  { echo 'This has changed.'; exit 1; }
echo 'As found: shutdown() leaves the ended provider in place, and start() does not replace it.'
