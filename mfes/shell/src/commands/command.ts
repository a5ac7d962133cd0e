import type { Payment } from '../../../../shared/contracts/payments.ts';
import type { IconName } from '../../../../shared/ui/icons.ts';
import type { Named } from './ranking.ts';

/** What the palette offers: a page, a payment, an action. */
export type Command = Named & {
  id: string;
  icon: IconName;
  /** Stands below the label. */
  note?: string;
  /** The shortcut that does the same. */
  keys?: string | undefined;
  /** Whether it is what holds now, such as the theme in use. */
  isCurrent?: boolean;
  /** The payment that it opens. */
  payment?: Payment;
  /** Whether it is offered among the recent ones. */
  isKept: boolean;
  run: () => void;
};
