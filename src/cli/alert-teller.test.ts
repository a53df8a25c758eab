import { expect, it } from 'vitest';
import { alertTeller } from './alert-teller.ts';
import { terminal } from './terminal.ts';

it('tells an alert in lines of the terminal’s width, and rings once where it is a screen', () => {
  const lines: string[] = [];
  const rung: string[] = [];
  const plain = terminal({ stdin: {}, stdout: { write: () => true }, stderr: { write: () => true } }, {});
  const tell = alertTeller({ ...plain, width: 60, screen: true, out: (line) => lines.push(line), raw: (text) => rung.push(text) });
  const alert = { version: 1 as const, at: 0, type: 'alert' as const, alert: 'a', title: 'Claude API is down', bell: true };
  tell({ ...alert, state: 'new', text: '6 of your last 20 requests failed: 529 overloaded_error\nIs it failing for you?' });
  tell({ ...alert, state: 'over', text: '', bell: false });
  expect(rung).toEqual(['\u0007']);
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}alert {5}Claude API is down$/);
  expect(lines.at(-1)).toMatch(/over {6}Claude API is down$/);
  expect(lines.every((line) => line.length <= 60)).toBe(true);
});
