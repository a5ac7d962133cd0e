/** Everything of one running copy stands in ports above its own. */
export const PORT_OFFSETS = { metrics: 90, sandbox: 91, postgres: 92, vite: 93, realtime: 94 } as const;

export const DEFAULT_PORT = 3000;
