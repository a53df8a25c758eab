import { pino } from 'pino';
import { parseObject } from '../exchange/json.ts';
import type { LogSettings } from './settings.ts';

type Line = (fields: object, message: string) => void;

/** The program's own log, on standard error. */
export interface LogWriter {
  debug: Line;
  info: Line;
  warn: Line;
  error: Line;
  enabled(level: 'debug' | 'info'): boolean;
  /** Settings of a reloaded configuration, for lines from now on. */
  apply(settings: LogSettings): void;
}

/** `redact` is applied to whole lines: no secret that is known gets out, in whatever field it stands. `file`: for tests. */
export function logWriter(settings: LogSettings, redact: (text: string) => string, screen: boolean, file: number | string = 2): LogWriter {
  let { format } = settings;
  const asText = (): boolean => format === 'text' || (format === 'auto' && screen);
  const log = pino(
    { level: settings.level, base: null, hooks: { streamWrite: (line) => redact(asText() ? spoken(line) : line) } },
    pino.destination({ dest: file, sync: true }),
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    enabled: (level) => log.isLevelEnabled(level),
    apply(wanted) {
      format = wanted.format;
      log.level = wanted.level;
    },
  };
}

/** pino's number for `warn`. */
const WARN = 40;

/** A person at a terminal reads sentences; JSON lines are for whoever collects them. */
function spoken(line: string): string {
  const { msg, level } = parseObject(line) ?? {};
  return `${typeof level === 'number' && level >= WARN ? '!' : '·'} ${String(msg)}\n`;
}
