import { expect, test } from 'vitest';
import { faultText } from './fault-text.ts';

test('words, and no names of ours', () => {
  expect(faultText({ symptom: 'status', status: 503 })).toBe('answered 503');
  expect(faultText({ symptom: 'status', status: 529, code: 'overloaded_error' })).toBe('answered 529 overloaded_error');
  expect(faultText({ symptom: 'status' })).toBe('answered with an error');
  expect(faultText({ symptom: 'error-event', status: 200, code: 'overloaded_error' })).toBe('broke off with an error (overloaded_error)');
  expect(faultText({ symptom: 'error-event' })).toBe('broke off with an error');
  // A stream that stalls has status 200, which explains nothing.
  expect(faultText({ symptom: 'idle-timeout', status: 200 })).toBe('fell silent');
  expect(faultText({ symptom: 'of-a-newer-version' })).toBe('of a newer version');
});
