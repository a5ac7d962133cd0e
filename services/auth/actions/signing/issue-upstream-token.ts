import { callerOf } from '../../../../broker/calls/implement.ts';
import type { AuthAction } from '../../auth.ts';

export const issueUpstreamToken: AuthAction<'issueUpstreamToken'> = async (service, call) => ({
  token: await service.state.signer.signForUpstream(callerOf(call), call.params.audience),
});
