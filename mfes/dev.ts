/**
 * The front ends in development: one Vite server on VITE_PORT (PORT + 93) without federation. Remotes are
 * modules of the same server, so host and remotes are replaced hot. The API is that of the gateway on PORT.
 */
import { resolve } from 'node:path';
import { createServer, type Plugin, type ProxyOptions } from 'vite';
import { commonConfig } from './config.ts';
import { MFES_DIR, PROJECT_DIR, SHELL } from './remote-names.ts';

const HOST = '127.0.0.1';
const port = Number(process.env.PORT || 3000);
const vitePort = Number(process.env.VITE_PORT || port + 93);
const gateway = `http://localhost:${port}`;

/** The gateway takes writes and sockets from its own pages only; in development ours have another port. */
const toGateway: ProxyOptions = {
  target: `http://${HOST}:${port}`,
  configure: (proxy) => {
    proxy.on('proxyReq', (request) => {
      if (request.hasHeader('origin')) request.setHeader('origin', gateway);
    });
    proxy.on('proxyReqWs', (request) => request.setHeader('origin', gateway));
  },
};

const localRemotes = (): Plugin => ({
  name: 'payloom:local-remotes',
  enforce: 'pre',
  resolveId(source, importer) {
    const isOurs = source.endsWith('/remotes.ts') && importer?.startsWith(resolve(MFES_DIR, SHELL, 'src'));
    return isOurs ? resolve(MFES_DIR, SHELL, 'src/remotes.dev.ts') : null;
  },
  // There is no manifest to ask for before the first script.
  transformIndexHtml: (html) => html.replace(/\s*<link rel="preload"[^>]*manifest[^>]*>/, ''),
});

const common = commonConfig(SHELL);
const server = await createServer({
  ...common,
  plugins: [localRemotes(), common.plugins],
  server: {
    host: HOST,
    port: vitePort,
    strictPort: true,
    fs: { allow: [PROJECT_DIR] },
    proxy: { '/api': toGateway, '/health': toGateway, '/ws': { ...toGateway, ws: true } },
  },
});
await server.listen();

const end = async (): Promise<void> => {
  await server.close();
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
