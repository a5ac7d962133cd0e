/**
 * Node's http without what an import of it brings: an import reads all its properties, of which `WebSocket`
 * loads undici with 9 MB and a tenth of a second.
 */
export const { Agent, createServer } = process.getBuiltinModule('node:http');
