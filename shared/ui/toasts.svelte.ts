export type ToastKind = 'success' | 'error' | 'info';
/** What a note offers to do. */
type ToastAction = { label: string; run: () => void };
type Toast = { id: number; kind: ToastKind; text: string; action: ToastAction | undefined };

const SHOWN_MS = 6_000;
const SHOWN_AT_ONCE = 3;

/**
 * The toasts in the corner of the screen. A success disappears after six seconds unless the pointer is on it;
 * an error or an info stays until it is dismissed.
 */
const createToasts = () => {
  let list = $state<Toast[]>([]);
  let lastId = 0;
  const timers = new Map<number, ReturnType<typeof setTimeout>>();

  const dismiss = (id: number): void => {
    clearTimeout(timers.get(id));
    timers.delete(id);
    list = list.filter((toast) => toast.id !== id);
  };
  const resume = (): void => {
    for (const { id, kind } of list) {
      if (kind === 'success' && !timers.has(id))
        timers.set(
          id,
          setTimeout(() => dismiss(id), SHOWN_MS),
        );
    }
  };
  const pause = (): void => {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  };
  const add = (kind: ToastKind, text: string, action?: ToastAction): number => {
    lastId += 1;
    list = [...list, { id: lastId, kind, text, action }].slice(-SHOWN_AT_ONCE);
    resume();
    return lastId;
  };
  return {
    get list() {
      return list;
    },
    add,
    dismiss,
    pause,
    resume,
  };
};

export const toasts = createToasts();

/** Shows a note: `toast('success', 'Password changed.')`. */
export const toast = toasts.add;
