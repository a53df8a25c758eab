/** JSON with a line for each value; whatever is none stays as it is. */
export function indented(given: string): string {
  try {
    return JSON.stringify(JSON.parse(given), null, 2);
  } catch {
    return given;
  }
}
