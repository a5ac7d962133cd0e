/** Statuses whose response has no body. */
const WITHOUT_BODY = [204, 304];

/** `fetch` for a request whose body takes a while: `fetch` itself does not report how much of it has left. */
export const fetchWithProgress =
  (onProgress: (part: number) => void): typeof fetch =>
  (url, { method = 'GET', headers = {}, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, String(url));
      request.responseType = 'blob';
      for (const [name, value] of Object.entries(headers as Record<string, string>))
        request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
      request.onload = () => {
        const { status, response } = request;
        const lines = request.getAllResponseHeaders().trim().split(/\r?\n/);
        const pairs = lines.filter(Boolean).map((line) => line.split(/:\s*(.*)/s).slice(0, 2));
        const content = WITHOUT_BODY.includes(status) ? null : (response as Blob);
        resolve(new Response(content, { status, headers: pairs as [string, string][] }));
      };
      request.onerror = () => reject(new TypeError('the request got no answer'));
      request.onabort = () => reject(signal?.reason ?? new DOMException('aborted', 'AbortError'));
      signal?.addEventListener('abort', () => request.abort(), { once: true });
      if (signal?.aborted) return reject(signal.reason as Error);
      request.send(body as XMLHttpRequestBodyInit);
    });
