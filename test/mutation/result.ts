/** What Stryker writes down (mutation-testing-report-schema 3), as far as it is read here. */
export interface StrykerReport {
  files: Record<string, { source: string; mutants: StrykerMutant[] }>;
}

interface StrykerMutant {
  mutatorName: string;
  replacement?: string;
  status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'RuntimeError' | 'CompileError' | 'Ignored' | 'Pending';
  location: { start: Place; end: Place };
}

interface Place {
  line: number;
  column: number;
}

export interface Result {
  name: string;
  killed: number;
  timeout: number;
  survived: number;
  uncovered: number;
  /** One line each: `80 EqualityOperator: error.status >= 300 -> error.status > 300`. */
  survivors: string[];
}

export function resultOf(name: string, report: StrykerReport): Result {
  const [file] = Object.values(report.files);
  const mutants = file?.mutants ?? [];
  const count = (status: StrykerMutant['status']): number => mutants.filter((mutant) => mutant.status === status).length;
  const lines = file?.source.split('\n') ?? [];
  const survivors = mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .toSorted(
      (one, other) => one.location.start.line - other.location.start.line || one.location.start.column - other.location.start.column,
    )
    .map((mutant) => describe(mutant, lines));
  return {
    name,
    killed: count('Killed'),
    timeout: count('Timeout'),
    survived: count('Survived'),
    uncovered: count('NoCoverage'),
    survivors,
  };
}

/** The share of mutants that a test noticed, in percent. */
export function scoreOf({ killed, timeout, survived, uncovered }: Omit<Result, 'name' | 'survivors'>): number {
  const noticed = killed + timeout;
  const all = noticed + survived + uncovered;
  return all === 0 ? 100 : (100 * noticed) / all;
}

function describe({ mutatorName, replacement, location: { start, end } }: StrykerMutant, lines: readonly string[]): string {
  const line = lines[start.line - 1] ?? '';
  const was = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`;
  return `${start.line} ${mutatorName}: ${brief(was)} -> ${brief(replacement ?? '')}`;
}

function brief(code: string): string {
  const flat = code.replaceAll(/\s+/g, ' ').trim();
  return flat.length > 100 ? `${flat.slice(0, 99)}…` : flat;
}
