import type { Action } from '../../../shared/contracts/contract.ts';

/** Why an action with a route has no field; null for one that has. */
export const whyWithoutField = ({ http }: Action): string | null => {
  if (!http) return 'has no route';
  if (http.download) return 'answers a file, which is read over REST part by part';
  if (http.image) return 'answers an image; `avatarUrl` of a party and `profileAvatars` lead to it';
  if (http.body === 'file') return 'takes a file, which is sent over REST while it is read';
  if (http.body === 'raw') return 'takes signed bytes, which JSON would change';
  if (http.session === 'refresh') return 'takes the refresh cookie, which browsers send to /api/auth only';
  if (http.ownPagesOnly) return 'takes beacons of our own pages';
  return null;
};
export const hasField = (action: Action): boolean => whyWithoutField(action) === null;
