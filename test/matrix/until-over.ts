import type { UpstreamHandler } from '../../src/providers/call.ts';

/** A call that tells `over` once, when it has ended, broken off or been given up. */
export function untilOver(start: (handler: UpstreamHandler) => () => void, handler: UpstreamHandler, over: () => void): () => void {
  let here = true;
  const left = (): void => {
    if (here) over();
    here = false;
  };
  const cancel = start({
    ...handler,
    end() {
      left();
      handler.end();
    },
    error(error) {
      left();
      handler.error(error);
    },
  });
  return () => {
    left();
    cancel();
  };
}
