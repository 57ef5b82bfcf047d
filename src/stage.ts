import { ConfigError } from './errors.ts';

/** How far a guard is rolled out. `{ canary: 10 }` enforces it for ten per cent of the keys. */
export type Stage = 'off' | 'report-only' | 'enforce' | { readonly canary: number };

/** Stages by guard name. */
export type Stages = Readonly<Record<string, Stage>>;

/** What a stage means for one exchange, after a canary has chosen its side. */
export type EffectiveStage = 'off' | 'report-only' | 'enforce';

const REMEDY = "use 'off', 'report-only', 'enforce' or { canary: percent from 0 to 100 }";

/** Checks stages once, at configuration. @throws {ConfigError} naming the guard. */
export function checkStages(option: string, stages: Stages, guardNames: readonly string[]): void {
  if (typeof stages !== 'object' || stages === null || Array.isArray(stages)) {
    throw new ConfigError('PTC_E002', option, stages, 'give an object from guard names to stages');
  }
  for (const [name, stage] of Object.entries(stages)) {
    if (!guardNames.includes(name)) {
      throw new ConfigError('PTC_E006', `${option}.${name}`, stage, `use one of ${guardNames.join(', ')}`);
    }
    if (!isStage(stage)) throw new ConfigError('PTC_E007', `${option}.${name}`, stage, REMEDY);
  }
}

function isStage(stage: unknown): stage is Stage {
  if (typeof stage === 'string') return stage === 'off' || stage === 'report-only' || stage === 'enforce';
  if (typeof stage !== 'object' || stage === null) return false;
  // A second member would be a rollout that somebody meant and nobody reads.
  if (!Object.hasOwn(stage, 'canary') || Object.keys(stage).length !== 1) return false;
  const { canary } = stage as { canary?: unknown };
  return typeof canary === 'number' && canary >= 0 && canary <= 100;
}

/** What the stages say of a guard themselves: a name such as `constructor` is nothing that an object brings along. */
export function stageOf(stages: Stages, guardName: string): Stage | undefined {
  return Object.hasOwn(stages, guardName) ? stages[guardName] : undefined;
}

/**
 * Resolves a stage for one key. The same guard and key always land on the same side, and a key that is in at
 * ten per cent stays in at twenty. Steps of 0.01 per cent. The key is asked for only where a canary needs it.
 */
export function effectiveStage(stage: Stage, guardName: string, key: () => string): EffectiveStage {
  if (typeof stage === 'string') return stage;
  return bucketOf(guardName, key()) < stage.canary * 100 ? 'enforce' : 'report-only';
}

const BUCKETS = 10_000;

/** 0..9999 from FNV-1a over both names, then the finalizer of MurmurHash3, because FNV's low bits mix poorly. */
export function bucketOf(guardName: string, key: string): number {
  const text = `${guardName}\n${key}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % BUCKETS;
}
