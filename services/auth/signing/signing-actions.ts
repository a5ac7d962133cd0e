import { issueUpstreamToken } from '../actions/signing/issue-upstream-token.ts';
import { keys } from '../actions/signing/keys.ts';
import { revokeKeys } from '../actions/signing/revoke-keys.ts';
import { rotateKeys } from '../actions/signing/rotate-keys.ts';
import { signingKeys } from '../actions/signing/signing-keys.ts';

export const signingActions = { issueUpstreamToken, keys, signingKeys, rotateKeys, revokeKeys };
