/** What a person can say of a product, and how it reads. The names go over the wire: a new one may be added, none is ever renamed. */
export const SYMPTOMS = {
  errors: 'answers with errors',
  hangs: 'hangs',
  cut: 'answers break off',
  capacity: 'says that it is at capacity',
  login: 'login fails',
  wrong: 'wrong or poor answers',
  slow: 'is slow',
  works: 'works for me',
} as const;

export type Symptom = keyof typeof SYMPTOMS;

export const SYMPTOM_NAMES = Object.keys(SYMPTOMS) as [Symptom, ...Symptom[]];

export function isSymptom(text: string): text is Symptom {
  return Object.hasOwn(SYMPTOMS, text);
}
