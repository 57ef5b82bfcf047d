import { secp256k1 } from '@noble/curves/secp256k1.js';
import { loadPeer } from './peer.ts';

/** A package of the field, and how it verifies a proof of its own. */
export interface VrfPeer {
  readonly name: string;
  /** What it implements. */
  readonly scheme: string;
  /** Whether it takes a proof that it made of the alpha of this number. */
  verify(at: number): boolean;
}

/** The same call in both: hexadecimal texts in, beta out, an exception for what is not valid. */
type Verify = (publicKey: string, pi: string, alpha: string) => string;

const SECRET = '11'.repeat(32);

const LOADERS: Readonly<Record<string, (alphas: readonly string[]) => Promise<Omit<VrfPeer, 'name'>>>> = {
  async '@roamin/ecvrf 0.2.0'(alphas) {
    const peer = await loadPeer<{
      default: { prove(secretKey: string, alpha: string): string; verify: Verify };
    }>('@roamin/ecvrf');
    const { prove, verify } = peer.default;
    const proofs = alphas.map((alpha) => prove(SECRET, alpha));
    return { scheme: 'secp256k1, draft 5', verify: verifier(verify, alphas, proofs) };
  },
  async 'vrf-ts-256 1.0.0'(alphas) {
    const peer = await loadPeer<{
      default: { prove(secretKey: string, alpha: string): { pi: string }; verify: Verify };
    }>('vrf-ts-256');
    const { prove, verify } = peer.default;
    const proofs = alphas.map((alpha) => prove(SECRET, alpha).pi);
    return { scheme: 'secp256k1, draft 4', verify: verifier(verify, alphas, proofs) };
  },
};

function verifier(verify: Verify, alphas: readonly string[], proofs: readonly string[]): (at: number) => boolean {
  const publicKey = Buffer.from(secp256k1.getPublicKey(Buffer.from(SECRET, 'hex'))).toString('hex');
  return (at) => verify(publicKey, proofs[at]!, alphas[at]!).length === 64;
}

/** The peers that are installed, and the names of those that are not. */
export async function vrfPeers(alphas: readonly Uint8Array[]): Promise<{
  readonly peers: readonly VrfPeer[];
  readonly missing: readonly string[];
}> {
  const texts = alphas.map((alpha) => Buffer.from(alpha).toString('hex'));
  const peers: VrfPeer[] = [];
  const missing: string[] = [];
  for (const [name, load] of Object.entries(LOADERS)) {
    try {
      peers.push({ name, ...(await load(texts)) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
      missing.push(name);
    }
  }
  return { peers, missing };
}
