declare module 'moleculer-io' {
  import type { ServiceSchema } from 'moleculer';

  const mixin: ServiceSchema;
  export = mixin;
}
