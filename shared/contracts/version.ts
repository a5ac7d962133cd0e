/**
 * The version of the HTTP API, of its sockets and of both documents. A change that breaks clients raises it
 * (`npm run contracts -- diff`); later changes are compared with the commit that changed this file last.
 */
export const API_VERSION = '1';
