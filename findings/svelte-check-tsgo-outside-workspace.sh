#!/bin/sh
# svelte-check 4.7.8 --tsgo: components outside the workspace are not checked, and their props become any.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > npm.log
npm install --no-audit --no-fund svelte-check@4.7.8 svelte@5.57.3 typescript@5.9.3 \
  @typescript/native@npm:typescript@7.0.2 >> npm.log 2>&1
mkdir -p app shared
cat > app/tsconfig.json <<'END'
{
  "compilerOptions": { "target": "esnext", "module": "nodenext", "strict": true, "noEmit": true, "skipLibCheck": true },
  "include": [".", "../shared"]
}
END
cat > shared/Counter.svelte <<'END'
<script lang="ts">
  let { count }: { count: number } = $props();
  const doubled: string = count * 2;
</script>
{doubled}
END
cat > app/App.svelte <<'END'
<script lang="ts">
  import Counter from '../shared/Counter.svelte';
</script>
<Counter count="three" />
END
errors() {
  npx svelte-check --workspace app --tsconfig ./tsconfig.json "$@" > out.txt 2>&1 || true
  grep -o 'found [0-9]* errors\{0,1\}' out.txt
}
echo "node $(node --version), $(uname -sm), svelte-check 4.7.8, typescript 5.9.3 and 7.0.2"
{ echo "without --tsgo: $(errors)"; echo "with --tsgo: $(errors --tsgo)"; } | tee seen.txt
printf 'without --tsgo: found 2 errors\nwith --tsgo: found 0 errors\n' | cmp -s - seen.txt ||
  { echo 'This has changed.'; exit 1; }
echo 'As found: a wrong prop and a wrong type are found only without --tsgo.'
