import { checkEntry, type EntryFault, FIRST_PREV_HASH, type LedgerEntry } from './entry.ts';
import { appendLeaf, EMPTY_TREE, rootOf, type Tree } from './merkle.ts';
import { entryLeaf } from './proof.ts';

/** What a checkpoint says: the root of the tree over so many entries. */
export interface KnownRoot {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/**
 * What is wrong with a ledger. Of an entry itself: `size`, `json`, `form`, `entry_hash` as {@link EntryFault} says them. Of its
 * place: `inserted` it is not part of the chain; `prev_hash` it does not follow from the entry before, and nothing tells which
 * of the two is wrong, or what was between them; with a checkpoint behind it that is known: `removed` an entry that stood here
 * is gone, `rewritten` it has other content and its own hash was made anew. Of many: `root` the entries from here on
 * are not those that a checkpoint vouches for, `missing` the ledger ends here, before a checkpoint's size.
 */
export type AuditReason = EntryFault | 'inserted' | 'removed' | 'rewritten' | 'root' | 'missing';

/** The first fault of a ledger. */
export interface AuditFault {
  /** Of the entry that is wrong, or the first that may be. */
  readonly index: number;
  readonly reason: AuditReason;
  /** For `root` and `missing`: the size that the checkpoint vouches for. */
  readonly size?: number;
}

/** Where an audit begins, if not with the first entry. */
export interface AuditStart {
  readonly lastHash: string;
  readonly tree: Tree;
}

/** Goes through a ledger, entry by entry. */
export interface Audit {
  /**
   * Takes the next line, without its line feed.
   *
   * @returns the entry where it is sound and in its place; `undefined` for what is not, and for all that follows it
   */
  add(line: string | Uint8Array): LedgerEntry | undefined;
  /** Whether the verdict is there already, so that further lines say nothing more. */
  readonly isOver: boolean;
  /** Where the ledger stands, as far as it is sound. */
  readonly at: AuditStart;
  /** Checkpoints that were met and agreed with. */
  readonly agreed: number;
  /** The first fault, or `undefined` for a ledger that holds. Call it behind the last line. */
  end(): AuditFault | undefined;
}

/** One way in which a break of the chain can have come about; the next checkpoint says whether it did. */
interface Guess {
  readonly fault: AuditFault;
  tree: Tree;
}

/** A sound entry that does not follow from the one before it. */
interface Break {
  readonly entry: LedgerEntry;
  /** Once the entry behind it has been seen: what a checkpoint may yet tell, and the fault if none does. */
  guesses?: readonly Guess[];
  fault: AuditFault;
}

/**
 * Checks a whole ledger in one pass: each entry, the chain, and the tree against checkpoints. Time: some three hashes for each
 * entry; memory: a few hashes, whatever the size of the ledger. Lines may come from anybody; nothing throws.
 *
 * @param roots what checkpoints say, ascending by size; those below the start are not looked at
 * @param start where to begin; default with the first entry
 *
 * @example
 * const audit = createAudit([checkpoint]);
 * for (const line of lines) audit.add(line);
 * audit.end(); // undefined, or { index: 1234, reason: 'entry_hash' }
 */
export function createAudit(
  roots: readonly KnownRoot[],
  start: AuditStart = { lastHash: FIRST_PREV_HASH, tree: EMPTY_TREE },
): Audit {
  let { lastHash, tree } = start;
  /** The tree and the hash one entry earlier, for what can only be seen behind an entry. */
  let earlier: { readonly tree: Tree; readonly lastHash: string } | undefined;
  let next = 0;
  while (next < roots.length && roots[next]!.size < tree.size) next++;
  let agreed = 0;
  let agreedSize = tree.size;
  let broken: Break | undefined;
  /** A root that did not fit: the entry behind it may tell why. */
  let unfit: AuditFault | undefined;
  let verdict: AuditFault | undefined;
  /** Roots that are still to be met, by size. */
  let known: ReadonlyMap<number, Uint8Array> | undefined;

  meetRoots();

  function add(line: string | Uint8Array): LedgerEntry | undefined {
    if (verdict !== undefined) return undefined;
    if (broken !== undefined) {
      goOn(broken, line);
      return undefined;
    }
    const check = checkEntry(line, lastHash);
    if (check.ok) {
      if (unfit !== undefined) {
        verdict = unfit;
        return undefined;
      }
      append(check.entry.entry_hash);
      return unfit === undefined ? check.entry : undefined;
    }
    const alone = check.fault === 'prev_hash' ? checkEntry(line, undefined) : check;
    if (alone.ok) broken = { entry: alone.entry, fault: unfit ?? { index: tree.size, reason: 'prev_hash' } };
    else verdict = unfit ?? { index: tree.size, reason: check.fault };
    return undefined;
  }

  function append(hash: string): void {
    earlier = { tree, lastHash };
    tree = appendLeaf(tree, entryLeaf(hash));
    lastHash = hash;
    meetRoots();
  }

  /** Of several checkpoints at one size, one that was made anew must not hide that another disagrees. */
  function meetRoots(): void {
    const met: KnownRoot[] = [];
    for (let at = next; at < roots.length && roots[at]!.size === tree.size; at++) met.push(roots[at]!);
    if (met.length === 0) return;
    const root = rootOf(tree);
    if (met.every((one) => isSame(one.root, root))) {
      next += met.length;
      agreed += met.length;
      agreedSize = tree.size;
    } else {
      unfit = { index: agreedSize, reason: 'root', size: tree.size };
    }
  }

  /** Behind a break: who follows whom shows what was inserted, the next checkpoint the rest. */
  function goOn(at: Break, line: string | Uint8Array): void {
    const check = checkEntry(line, undefined);
    if (!check.ok) {
      verdict = settle(at);
      return;
    }
    const { prev_hash: prevHash, entry_hash: hash } = check.entry;
    if (at.guesses === undefined) {
      const index = tree.size;
      // The one behind it takes no notice of it.
      if (prevHash === lastHash) verdict = { index, reason: 'inserted' };
      else if (prevHash !== at.entry.entry_hash) verdict = settle(at);
      // It and the one behind it take no notice of the one before.
      else if (at.entry.prev_hash === earlier?.lastHash) at.fault = { index: index - 1, reason: 'inserted' };
      if (verdict !== undefined) return;
      at.guesses = guessesOf(at.entry);
    }
    at.guesses = at.guesses.filter((one) => grow(one, [hash]));
    if (at.guesses.length === 0 || next >= roots.length) verdict ??= at.fault;
  }

  /** Nothing more is to come that could tell. */
  function settle(at: Break): AuditFault {
    at.guesses ??= guessesOf(at.entry);
    return verdict ?? at.fault;
  }

  function guessesOf({ prev_hash: prevHash, entry_hash: hash }: LedgerEntry): readonly Guess[] {
    const index = tree.size;
    // What the entry names as the one before it is the hash that a removed or rewritten entry had.
    const guesses: [Guess, readonly string[]][] = [[{ fault: { index, reason: 'removed' }, tree }, [prevHash, hash]]];
    if (earlier !== undefined) {
      guesses.push([{ fault: { index: index - 1, reason: 'rewritten' }, tree: earlier.tree }, [prevHash, hash]]);
    }
    if (prevHash === earlier?.lastHash) {
      guesses.push([{ fault: { index: index - 1, reason: 'inserted' }, tree: earlier.tree }, [hash]]);
    }
    return guesses.flatMap(([guess, hashes]) => (grow(guess, hashes) ? [guess] : []));
  }

  /** Adds leaves to the tree of a guess; a checkpoint on the way decides. Says whether the guess may still be right. */
  function grow(guess: Guess, hashes: readonly string[]): boolean {
    for (const hash of hashes) {
      guess.tree = appendLeaf(guess.tree, entryLeaf(hash));
      known ??= new Map(roots.slice(next).map(({ size, root }) => [size, root]));
      const root = known.get(guess.tree.size);
      if (root === undefined) continue;
      if (!isSame(rootOf(guess.tree), root)) return false;
      verdict ??= guess.fault;
    }
    return true;
  }

  return {
    add,
    get isOver() {
      return verdict !== undefined;
    },
    get at() {
      return { lastHash, tree };
    },
    get agreed() {
      return agreed;
    },
    end() {
      verdict ??= broken === undefined ? unfit : settle(broken);
      const last = roots.at(-1);
      if (verdict === undefined && last !== undefined && last.size > tree.size) {
        const size = roots[next]!.size;
        verdict = { index: tree.size, reason: 'missing', size };
      }
      return verdict;
    },
  };
}

/** Roots are public, so this may stop early. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
