import fc from 'fast-check';

/**
 * Property tests look at the same cases in every run, so that what CI says depends on the change alone. To hunt for cases that nobody has
 * seen yet: `PROPERTY_SEED=random npx vitest run src/dialects`; a failure names its seed, with which it can be seen again.
 */
const wanted = process.env['PROPERTY_SEED'];
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted ?? 20_261_122) });
