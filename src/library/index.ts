// What `import … from 'understudy'` gives.
export { createFailover, createFailoverHealth, type FailoverModel } from './create-failover.ts';
export type { ModelEntry } from './models.ts';
export type { AttemptReport, FailoverOptions, SwitchReport } from './options.ts';
