import process from 'node:process';
import { check } from './ledger/check.ts';
import { lineage } from './ledger/lineage.ts';
import { prove } from './ledger/prove.ts';
import { tail } from './ledger/tail.ts';
import { verify } from './ledger/verify.ts';

const USAGE = `usage: portcullis ledger verify  [--dir <directory>] [--key <key>] [--anchor <file>] [--from <bound>] [--to <bound>] [--postgres] [--json]
       portcullis ledger prove   <pcs_id | decision_id> [--tenant <id>] [--dir <directory>] [--out <directory>]
       portcullis ledger check   <file> --key <key>
       portcullis ledger lineage <pcs_id> --tenant <id> [--dir <directory>]
       portcullis ledger tail    [-n <lines>] [-f] [--dir <directory>]

verify checks every entry, the chain, the seals, and the tree against every checkpoint, and names the first entry that is
wrong. prove writes a file for each entry that check verifies offline, with the key alone. lineage prints all decisions on
a PCS of a tenant, tail the last entries, and with -f those that follow.

  --dir <directory>   the ledger; default WORM_BASE_DIR, else data/audit-worm
  --key <key>         verifier key (name+id+base64), or a file with some, one a line; without it, verify does not look at
                      who signed the checkpoints
  --anchor <file>     verify against the checkpoints in this file too, which LEDGER_ANCHOR wrote
  --from, --to        only the segments from the one with this entry to the one with that: an index, or a time such as
                      2030-12-31 or 2030-12-31T23:59:00Z
  --postgres          compare the index in PostgreSQL too; POSTGRES_OPS_CONN names the login
  --json              what verify found as one line of JSON
  --out <directory>   where prove writes entry-<index>.tlog-proof; default the working directory
  -n <lines>          how many entries tail begins with; default 10
  -f, --follow        wait for more

Exit codes: 0 all is well, 1 it is not, or it could not be done.
`;

/** Looks at a ledger, proves what is in it, and checks proofs. */
export async function ledger(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const task = name !== undefined && Object.hasOwn(TASKS, name) ? TASKS[name as keyof typeof TASKS] : undefined;
  if (task !== undefined) return task(rest, USAGE);
  const isHelp = name === '--help' || name === '-h';
  process[isHelp ? 'stdout' : 'stderr'].write(USAGE);
  return isHelp ? 0 : 2;
}

const TASKS = { verify, prove, check, lineage, tail } as const;
