/** Simulated providers, raised on real sockets. */
export interface Stage {
  /** Scheme, host and port by assistant. */
  origins: Record<string, string>;
  /** Starts the script's time; before it nothing fails. */
  begin(): void;
  /** Requests that have come in so far. */
  requests(): number;
  close(): Promise<void>;
}
