import { approvals } from '../actions/approvals/approvals.ts';
import { approve } from '../actions/approvals/approve.ts';
import { reject } from '../actions/approvals/reject.ts';
import { requestSettingChange } from '../actions/approvals/request-setting-change.ts';
import { activity } from '../actions/users/activity.ts';
import { closeUser } from '../actions/users/close-user.ts';
import { editUser } from '../actions/users/edit-user.ts';
import { endUserSession } from '../actions/users/end-user-session.ts';
import { inviteUser } from '../actions/users/invite-user.ts';
import { liftUserLockout } from '../actions/users/lift-user-lockout.ts';
import { renewInvitation } from '../actions/users/renew-invitation.ts';
import { resetPassword } from '../actions/users/reset-password.ts';
import { restore } from '../actions/users/restore.ts';
import { setRole } from '../actions/users/set-role.ts';
import { signOutUser } from '../actions/users/sign-out-user.ts';
import { suspendUsers } from '../actions/users/suspend-users.ts';
import { suspend } from '../actions/users/suspend.ts';
import { userDetails } from '../actions/users/user-details.ts';
import { userSessions } from '../actions/users/user-sessions.ts';
import { users } from '../actions/users/users.ts';
import { usersPage } from '../actions/users/users-page.ts';

/** What administrators see of users, and do to them. */
const reads = { activity, users, usersPage, userDetails, userSessions };
const ofAccounts = { inviteUser, renewInvitation, editUser, setRole, suspend, restore, closeUser };
const ofAccess = { suspendUsers, signOutUser, endUserSession, resetPassword, liftUserLockout };
const ofApprovals = { approvals, approve, reject, requestSettingChange };
export const userActions = { ...ofApprovals, ...reads, ...ofAccounts, ...ofAccess };
