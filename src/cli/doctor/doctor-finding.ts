/** One line of the doctor's. */
export interface Finding {
  /** What was looked at: `node`, `data folder`, `provider openai`. */
  about: string;
  /** `look`: works, but is worth a look. */
  state: 'good' | 'look' | 'bad';
  said: string;
  /** What to do, where something is to be done. */
  advice?: string;
}
