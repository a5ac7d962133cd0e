/// <reference types="vite/client" />

/** What the federation plugin gives a host at run time. */
declare module 'virtual:__federation__' {
  export const __federation_method_setRemote: (
    name: string,
    remote: { url: () => Promise<string>; format: 'esm'; from: 'vite' },
  ) => void;
  export const __federation_method_getRemote: (name: string, component: string) => Promise<unknown>;
}
