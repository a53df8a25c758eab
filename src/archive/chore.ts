/** Work on the archive that is done when nobody asks. */
export interface Chore {
  /** Does a piece of it, some 20 ms of work in a transaction of its own. False: there is nothing (more) to do for now. */
  step(): boolean;
  close?(): void;
}
