import type { VariableForm } from './tool.ts';

/** A value as it is written: text, and variables of the environment in it. */
export type Template = readonly (string | { variable: string; fallback?: string })[];

const FORMS = {
  shell: /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::-([^}]*))?\})/g,
  braces: /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
  opencode: /\{env:([A-Za-z_]\w*)\}/g,
} as const;

export function readTemplate(text: string, { style, fallback: takesFallback }: VariableForm): Template {
  if (style === 'none') return text === '' ? [] : [text];
  const parts: (string | { variable: string; fallback?: string })[] = [];
  let from = 0;
  for (const match of text.matchAll(FORMS[style])) {
    const [variable, fallback] =
      style === 'shell' ? [match[1] ?? match[2]!, match[3]] : style === 'braces' ? [match[1]!, match[2]] : [match[1]!, undefined];
    if (fallback !== undefined && !takesFallback) continue;
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push({ variable, ...(fallback !== undefined && { fallback }) });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

/** As that tool writes it; `undefined` where it can't, or where it would take a text for a variable. */
export function writeTemplate(template: Template, form: VariableForm): string | undefined {
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') text += part;
    else if (form.style === 'none' || (part.fallback !== undefined && !form.fallback)) return undefined;
    else if (form.style === 'opencode') text += `{env:${part.variable}}`;
    else text += part.fallback === undefined ? `\${${part.variable}}` : `\${${part.variable}:-${part.fallback}}`;
  }
  return sameTemplate(readTemplate(text, form), template) ? text : undefined;
}

export function sameTemplate(one: Template, other: Template): boolean {
  return templateKey(one) === templateKey(other);
}

export function templateKey(template: Template): string {
  return JSON.stringify(template.map((part) => (typeof part === 'string' ? part : [part.variable, part.fallback ?? null])));
}

/** Variables without which it says nothing. */
export function neededVariables(template: Template): string[] {
  return template.flatMap((part) => (typeof part === 'string' || part.fallback !== undefined ? [] : [part.variable]));
}
