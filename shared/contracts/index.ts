export * from './auth.ts';
export * from './contract.ts';
export * from './errors.ts';
export * from './fields.ts';
export * from './ids.ts';
export * from './money.ts';
export * from './payments.ts';
export * from './roles.ts';
