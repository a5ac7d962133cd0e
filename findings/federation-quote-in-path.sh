#!/bin/sh
# @originjs/vite-plugin-federation 1.4.1: a build fails when the folder's path has an apostrophe.
set -eu
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
build() {
  mkdir "$base/$1"
  cd "$base/$1"
  echo '{"type":"module","private":true}' > package.json
  npm install --no-audit --no-fund vite@7.3.8 @originjs/vite-plugin-federation@1.4.1 > npm.log 2>&1
  echo '<script type="module" src="/main.js"></script>' > index.html
  echo 'console.log(1);' > main.js
  echo 'export const shown = 1;' > part.js
  cat > vite.config.js <<'END'
import federation from '@originjs/vite-plugin-federation';
export default {
  build: { target: 'esnext' },
  plugins: [federation({ name: 'part', filename: 'remoteEntry.js', exposes: { './part': './part.js' } })],
};
END
  if npx --no-install vite build > build.log 2>&1; then echo 'built'; else
    sed 's/\x1b\[[0-9;]*m//g' build.log | grep -aim1 'error' || true
    echo 'failed'
  fi
}
echo "node $(node --version), $(uname -sm), vite 7.3.8, @originjs/vite-plugin-federation 1.4.1"
plain=$(build plain)
quoted=$(build "o'neil")
echo "plain: $plain"
echo "o'neil: $quoted"
case "$plain/$quoted" in
built/*failed) echo "As found: only the folder with an apostrophe fails." ;;
*) echo 'This has changed.' && exit 1 ;;
esac
