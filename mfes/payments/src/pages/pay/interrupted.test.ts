import { dropInterrupted, keepInterrupted, takeInterrupted } from './interrupted.ts';
import type { PayForm } from './pay-form.svelte.ts';

const form = { sending: false } as PayForm;

describe('a form that the end of a session interrupted', () => {
  it('is given back once', () => {
    keepInterrupted({ userId: 'usr_1', again: null, form });
    expect(takeInterrupted({ userId: 'usr_1', again: null })).toBe(form);
    expect(takeInterrupted({ userId: 'usr_1', again: null })).toBeNull();
  });

  it.each([
    [{ userId: 'usr_2', again: null }],
    [{ userId: undefined, again: null }],
    [{ userId: 'usr_1', again: 'pay_1' }],
  ])('is not given to %j, and is dropped then', (other) => {
    keepInterrupted({ userId: 'usr_1', again: null, form });
    expect(takeInterrupted(other)).toBeNull();
    expect(takeInterrupted({ userId: 'usr_1', again: null })).toBeNull();
  });

  it('is not given back while its payment is being made, nor when it was made', () => {
    keepInterrupted({ userId: 'usr_1', again: null, form: { sending: true } as PayForm });
    expect(takeInterrupted({ userId: 'usr_1', again: null })).toBeNull();
    keepInterrupted({ userId: 'usr_1', again: null, form });
    dropInterrupted({ sending: false } as PayForm);
    dropInterrupted(form);
    expect(takeInterrupted({ userId: 'usr_1', again: null })).toBeNull();
  });
});
