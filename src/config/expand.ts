/**
 * `${NAME}` and `${NAME:-default}` in YAML, also unquoted inside of `{ … }`, where YAML itself would take the braces for its
 * own. Before parsing, each reference is shielded: every character becomes one of the private use area, so that lengths and
 * places stay; after parsing, values are expanded. `$${NAME}` stands for `${NAME}` itself.
 */
const REFERENCE = /\$?\$\{[^}\n]*\}/g;
const PRIVATE = 0xe000;
const SHIELDED = /[\ue000-\ue7ff]+/g;

export function shield(text: string): string {
  return text.replace(REFERENCE, (reference) => Array.from(reference, shieldLetter).join(''));
}

function shieldLetter(letter: string): string {
  const code = letter.charCodeAt(0);
  return letter.length === 1 && code < 0x800 ? String.fromCharCode(PRIVATE + code) : letter;
}

export function unshield(text: string): string {
  return text.replace(SHIELDED, (run) => Array.from(run, (letter) => String.fromCharCode(letter.charCodeAt(0) - PRIVATE)).join(''));
}

export interface Expanded {
  value: string;
  /** Variables that were read. */
  variables: string[];
  /** What cannot be expanded, in words. */
  problems: { message: string; advice: string; /** The variable that is not set. */ unset?: string }[];
}

/** Expands the shielded references in one value. */
export function expand(text: string, environment: Readonly<Record<string, string | undefined>>): Expanded {
  const variables: string[] = [];
  const problems: Expanded['problems'] = [];
  const value = unshield(text).replace(REFERENCE, (reference) => {
    if (reference.startsWith('$$')) return reference.slice(1);
    const [, name, fallback] = /^\$\{([^:}]*)(?::-(.*))?\}$/s.exec(reference) ?? [];
    if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) {
      problems.push({ message: `«${reference}» names no environment variable`, advice: 'write ${NAME} or ${NAME:-default}' });
      return '';
    }
    const found = environment[name];
    if (found !== undefined && (found !== '' || fallback === undefined)) {
      variables.push(name);
      return found;
    }
    if (fallback !== undefined) return fallback;
    problems.push({
      message: `the environment variable ${name} is not set`,
      advice: `set it (export ${name}=…), or give a default: \${${name}:-…}`,
      unset: name,
    });
    return '';
  });
  return { value, variables, problems };
}
