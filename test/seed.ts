import fc from 'fast-check';

/**
 * Properties are tried on the same inputs every time, so that a run says something about the code and not about luck. To
 * look for inputs that nobody has met yet: `FC_SEED=$RANDOM npx vitest run`.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
