import { tick } from 'svelte';
import type { Host } from '../../../../../shared/client/host.ts';
import { fieldErrors, hasCode } from '../../../../../shared/client/problem.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import { profile } from '../../../../../shared/contracts/profile.ts';
import type { Details } from '../../../../../shared/contracts/profile/details.ts';
import { focusFirstInvalid } from '../../../../../shared/ui/focus.ts';
import { changeOf, rebased, valuesOf, type Values } from './values.ts';

type Outcome = 'saved' | 'unchanged' | 'changed-elsewhere';

/** What was typed, and what was stored then. */
export type Typed = { values: Values; before: Values };

/** What is stored, and what is typed over it. */
const createDraft = (host: Host, found: Typed | null) => {
  let values = $state<Values | null>(found?.values ?? null);
  let before = $state.raw<Values | null>(found?.before ?? null);
  let version = 0;
  let avatar = $state.raw<string | null>(null);
  const opened = new AbortController();

  /** Takes what is stored; what was typed and not saved stays. */
  const take = (name: string, details: Details): void => {
    const stored = valuesOf(name, details);
    values = values && before ? rebased(values, before, stored) : stored;
    before = stored;
    version = details.version;
  };
  const change = () => (values && before ? changeOf($state.snapshot(values), before) : {});

  return {
    get values() {
      return values;
    },
    get avatar() {
      return avatar;
    },
    isEdited: (): boolean => Object.keys(change()).length > 0,
    typed: (): Typed | null =>
      values && before && Object.keys(change()).length > 0
        ? { values: $state.snapshot(values), before }
        : null,
    async read(): Promise<void> {
      const { avatar: hash, ...details } = await host.client.call(
        profile.actions.details,
        {},
        { signal: opened.signal },
      );
      avatar = hash;
      take(host.session.user()?.name ?? '', details);
    },
    async save(): Promise<Outcome> {
      const { name, ...details } = change();
      if (values === null || before === null) return 'unchanged';
      if (name !== undefined) {
        const user = await host.client.call(auth.actions.changeName, { name: name ?? '' });
        // The shell learns it by a message as well, which may take a moment after the page was opened.
        host.session.started(user);
        before = { ...before, name: user.name };
        values.name = user.name;
      }
      if (Object.keys(details).length > 0) {
        const saved = await host.client.call(profile.actions.saveDetails, { version, ...details });
        before = values = valuesOf(before.name, saved);
        version = saved.version;
      }
      return name === undefined && Object.keys(details).length === 0 ? 'unchanged' : 'saved';
    },
    stop: (): void => opened.abort(),
  };
};

/**
 * Personal data for a form: the server checks it, and refuses a change of what was changed elsewhere. It
 * begins with what was `found` of a form that was interrupted.
 */
export const createPersonalData = (host: Host, found: Typed | null) => {
  const draft = createDraft(host, found);
  let loadError = $state.raw<unknown>(null);
  let errors = $state.raw<Record<string, string>>({});
  let failure = $state.raw<unknown>(null);
  let outcome = $state.raw<Outcome | null>(null);
  let busy = $state(false);

  const fail = async (error: unknown): Promise<void> => {
    if (hasCode(error, 'profile_changed'))
      return draft.read().then(() => void (outcome = 'changed-elsewhere'));
    errors = fieldErrors(error);
    if (Object.keys(errors).length === 0) failure = error;
  };

  return {
    /** Null until they are read. */
    get values() {
      return draft.values;
    },
    /** The hash of the avatar, or null. */
    get avatar() {
      return draft.avatar;
    },
    get loadError() {
      return loadError;
    },
    get errors() {
      return errors;
    },
    get failure() {
      return failure;
    },
    get outcome() {
      return outcome;
    },
    get busy() {
      return busy;
    },
    isEdited: draft.isEdited,
    /** Null when nothing is typed that is not stored. */
    typed: draft.typed,
    async load(): Promise<void> {
      loadError = null;
      await draft.read().catch((error: unknown) => {
        if (draft.values === null) loadError = error;
      });
    },
    async submit(event: SubmitEvent): Promise<void> {
      event.preventDefault();
      if (busy) return;
      [errors, failure, outcome, busy] = [{}, null, null, true];
      try {
        outcome = await draft.save();
      } catch (error) {
        await fail(error).catch((problem: unknown) => (failure = problem));
      }
      busy = false;
      await tick();
      focusFirstInvalid(event.target as HTMLFormElement);
    },
    /** For the form's `oninput`: what is being mended is no longer called wrong. */
    edited(event: Event): void {
      const { name } = event.target as HTMLInputElement;
      outcome = null;
      if (name in errors) errors = { ...errors, [name]: '' };
    },
    stop: draft.stop,
  };
};
export type PersonalForm = ReturnType<typeof createPersonalData>;
