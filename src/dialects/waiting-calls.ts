/** Calls that wait for their results. */
export interface WaitingCalls<Call> {
  /** The first that waits under this id; it does not wait any more. */
  take(id: string): Call | undefined;
  /** Those that still wait, in order. */
  rest(): Call[];
}

/** Finds each by its id without looking at the others: a turn may hold thousands. Several may share an id. */
export function waitingCalls<Call>(calls: readonly Call[], idOf: (call: Call) => string): WaitingCalls<Call> {
  const byId = new Map<string, Call[]>();
  for (const call of calls) {
    const queue = byId.get(idOf(call));
    if (queue) queue.push(call);
    else byId.set(idOf(call), [call]);
  }
  const taken = new Set<Call>();
  return {
    take(id) {
      const call = byId.get(id)?.shift();
      if (call !== undefined) taken.add(call);
      return call;
    },
    rest: () => calls.filter((call) => !taken.has(call)),
  };
}
