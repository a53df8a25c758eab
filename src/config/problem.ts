/** Something in the configuration that cannot be taken as it is. */
export interface ConfigProblem {
  file: string;
  /** Counted from 1; absent where the file as a whole is at fault. */
  line?: number;
  column?: number;
  /** `providers.wall.baseUrl`; empty for the file as a whole. */
  path: string;
  message: string;
  /** What to do about it. */
  advice?: string;
}

/** One line for people: `understudy.yaml:12:5 providers.wall.baseUrl: … ; do this`. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  return `${place}${path} ${problem.message}${problem.advice === undefined ? '' : `; ${problem.advice}`}`;
}
