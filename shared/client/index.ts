export * from './client.ts';
export * from './host.ts';
export * from './problem.ts';
