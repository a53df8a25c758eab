/**
 * What V8 throws for JSON that is nested too deeply to be written (some ten thousand levels; reading it has no such bound). Only a request
 * or an answer that is made for it goes so deep, so it is never a fault of ours.
 */
export function isTooDeep(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

export const TOO_DEEP = 'the request is nested too deeply: some thousand levels of JSON are the most that can be passed on';
