/** `14:03:59`, this machine's time. `at`: UTC milliseconds. */
export function clockText(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour12: false });
}
