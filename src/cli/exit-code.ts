/** What a command's exit code says; docs/start.md lists them. */
export const EXIT = {
  done: 0,
  /** It ran, and what it checks or does has failed. */
  failed: 1,
  /** It did not run: wrong arguments or configuration. */
  usage: 2,
  /** There is no running Understudy to ask. */
  notRunning: 3,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;
