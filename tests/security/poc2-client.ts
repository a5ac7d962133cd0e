import type { World } from './world.ts';

/** A body in POC-2's envelope. */
type Envelope = {
  success: boolean;
  data: Readonly<Record<string, unknown>>;
  error?: { code: string; message: string; details?: { path: string; message: string }[] };
};
type Poc2Answer = Envelope & { status: number; headers: Headers; text: string };

/** A client as POC-2's were: a base URL, and both tokens from the bodies. */
export const poc2Client = ({ ask }: Pick<World, 'ask'>) => {
  let tokens: { accessToken?: string; refreshToken?: string } = {};
  const request = async (
    method: string,
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<Poc2Answer> => {
    const token = tokens.accessToken;
    const reply = await ask(`${method} /api/poc2${path}`, { ...(token && { token }), json, headers });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, text, ...(JSON.parse(text) as Envelope) };
  };
  /** Sends what is answered with tokens, and keeps them. */
  const enter = async (path: string, json: object): Promise<Poc2Answer> => {
    tokens = {};
    const answer = await request('POST', path, json);
    if (answer.success) tokens = answer.data as typeof tokens;
    return answer;
  };
  return {
    request,
    enter,
    refresh: () => enter('/auth/refresh', { refreshToken: tokens.refreshToken }),
    tokens: () => tokens,
    use: (accessToken: string) => void (tokens = { accessToken }),
  };
};
