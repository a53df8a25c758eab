import type { AdmissionControl } from './admission.ts';

/** Keeps everything from being begun once its process is to end: what is under way may go on for as long as that takes. */
export interface Closing extends AdmissionControl {
  /** From now on no attempt begins: no first, no second try, no hop. */
  close(): void;
}

export function createClosing(): Closing {
  let closed = false;
  return {
    refusal: () => (closed ? { reason: 'Understudy is being stopped' } : undefined),
    close() {
      closed = true;
    },
  };
}
