/** A prompt as an argument, where there is one. */
export function said(prompt: string | undefined): string[] {
  return prompt === undefined ? [] : [prompt];
}
