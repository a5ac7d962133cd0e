import { auth } from '../../contracts/auth/auth.ts';
import { payments } from '../../contracts/payments.ts';
import { profile } from '../../contracts/profile.ts';
import { realtime } from '../../contracts/realtime.ts';

/** How many answers of an action are kept, and for which params. */
type Rule = { max: number; mayKeep(params: Readonly<Record<string, unknown>>): boolean };

/** Answers the question who is signed in. */
export const ME: string = auth.actions.me.name;

const always = (): boolean => true;
/** Of a search neither the words nor what they found; later pages would show a gap. */
const isFirstPage: Rule['mayKeep'] = ({ q, cursor }) => q === undefined && cursor === undefined;

/** The answers that a browser keeps to be read without a network: no others ever. */
export const KEPT: ReadonlyMap<string, Rule> = new Map([
  [ME, { max: 1, mayKeep: always }],
  [payments.actions.list.name, { max: 8, mayKeep: isFirstPage }],
  [payments.actions.get.name, { max: 30, mayKeep: always }],
  [realtime.actions.notifications.name, { max: 3, mayKeep: isFirstPage }],
  [profile.actions.preferences.name, { max: 1, mayKeep: always }],
]);
