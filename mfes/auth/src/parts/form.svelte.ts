import { tick } from 'svelte';
import type { ErrorCode } from '../../../../shared/contracts/errors.ts';
import { fieldErrors, isProblem } from '../../../../shared/client/problem.ts';
import { focusFirstInvalid } from '../../../../shared/ui/focus.ts';

type Values = Record<string, string>;
type Problems = Record<string, string>;

type FormOptions<V extends Values> = {
  /** What is wrong with each field; what it refuses is never sent. */
  check: (values: V) => Problems | Promise<Problems>;
  empty: V;
  send: (values: V) => Promise<void>;
  /** Errors that belong beside a field although the server does not name it. */
  fieldOf?: Partial<Record<ErrorCode, keyof V & string>>;
};

/** The state of one form: checked by the contract before it is sent, sent once at a time. */
export const createForm = <V extends Values>({ check, empty, send, fieldOf = {} }: FormOptions<V>) => {
  const values = $state({ ...empty });
  let errors = $state<Record<string, string>>({});
  let failure = $state<unknown>(null);
  let busy = $state(false);

  const fail = (error: unknown): void => {
    const field = isProblem(error) ? fieldOf[error.problem.code] : undefined;
    const found = field && isProblem(error) ? { [field]: error.problem.detail } : fieldErrors(error);
    errors = Object.fromEntries(Object.entries(found).filter(([name]) => name in empty));
    // What no field of this form can show is shown above the form.
    if (Object.keys(errors).length === 0) failure = error;
  };

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    failure = null;
    busy = true;
    const given = $state.snapshot(values) as V;
    errors = await check(given);
    if (Object.keys(errors).length === 0) await send(given).catch(fail);
    busy = false;
    await tick();
    focusFirstInvalid(event.target as HTMLFormElement);
  };

  return {
    values: values as V,
    get errors() {
      return errors;
    },
    get failure() {
      return failure;
    },
    get busy() {
      return busy;
    },
    /** Whether anything is filled in, or chosen otherwise than at the beginning. */
    isEdited: (): boolean => Object.entries(empty).some(([name, value]) => values[name as keyof V] !== value),
    submit,
    /** For the form's `oninput`: what is being mended is no longer called wrong. */
    edited(event: Event): void {
      const { name } = event.target as HTMLInputElement;
      if (name in errors) errors = { ...errors, [name]: '' };
    },
    reset(): void {
      Object.assign(values, empty);
      errors = {};
      failure = null;
    },
  };
};
