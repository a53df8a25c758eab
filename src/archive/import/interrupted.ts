/** Somebody asked to stop (Ctrl-C). What is in the archive is whole; the next run goes on. */
export class Interrupted extends Error {}
