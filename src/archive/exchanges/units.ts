import type { Part } from '../../exchange/part.ts';
import type { Message, Request } from '../../exchange/request.ts';
import { answerForm, digest, resultsForm, userForm, type Form } from './form.ts';

/** A message of a request's history, as the archive tells them apart. */
export interface Unit {
  role: 'system' | 'user' | 'assistant' | 'tool';
  parts: Part[];
  /** By what it is known again. Absent: it says nothing of its own (instructions, reminders), and clients move such things about. */
  form?: Form;
  /** Ids of its calls or results. */
  calls: string[];
}

/** A request's history: results of tools apart from what the user says, an assistant's words and calls in one piece. */
export function unitsOf(request: Request): Unit[] {
  const units: Unit[] = [];
  if (request.system.length > 0) units.push({ role: 'system', parts: request.system, calls: [] });
  for (const message of request.messages) add(units, message);
  return units;
}

function add(units: Unit[], { role, parts }: Message): void {
  if (parts.length === 0) return;
  if (role === 'system') {
    units.push({ role, parts, calls: [] });
    return;
  }
  if (role === 'assistant') {
    const last = units.at(-1);
    if (last?.role === 'assistant') units.splice(-1, 1, answerUnit([...last.parts, ...parts]));
    else units.push(answerUnit(parts));
    return;
  }
  const results = parts.filter((part) => part.type === 'tool-result');
  const rest = parts.filter((part) => part.type !== 'tool-result');
  const form = userForm(rest);
  if (results.length > 0) {
    const calls = results.map(({ callId }) => callId);
    // What clients add to results by themselves stays with them.
    units.push({ role: 'tool', parts: form ? results : parts, form: resultsForm(results), calls });
    if (!form) return;
  }
  units.push({ role: 'user', parts: rest, ...(form && { form }), calls: [] });
}

export function answerUnit(parts: Part[]): Unit {
  const form = answerForm(parts);
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
  return { role: 'assistant', parts, ...(form && { form }), calls };
}

/** Everything that a unit says, as it came: also what forms leave out. */
export function exactForm({ role, parts }: Unit): string {
  return digest(
    JSON.stringify(
      parts.map((part) => {
        if (part.type === 'opaque') return part.value;
        const { extras: _extras, ...rest } = 'extras' in part ? part : { ...part, extras: undefined };
        return rest;
      }),
    ) + role,
  );
}
