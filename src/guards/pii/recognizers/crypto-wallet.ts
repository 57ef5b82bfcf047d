import { isHex } from '../chars.ts';
import { base58Version } from '../validators/base58-check.ts';
import { isSegwitAddress } from '../validators/bech32.ts';
import type { Candidate, Recognizer } from './recognizer.ts';

/**
 * Address of a crypto wallet: Bitcoin and its relatives in Base58Check (32 bits of double SHA-256), segregated witness
 * addresses (BIP-173 and BIP-350), whose checksums make it next to impossible that one passes by chance; and Ethereum's, which
 * are forty hexadecimal digits: what their letter case checks (EIP-55) is not looked at.
 */
export const cryptoWallet: Recognizer = {
  type: 'crypto_wallet',
  rule: 'pii/crypto-wallet',
  initials: '012379ABDLMTXbelmnt',
  findWord,
  threshold: 0.5,
  context: {
    words: [
      'bitcoin',
      'btc',
      'ethereum',
      'eth',
      'ether',
      'erc20',
      'litecoin',
      'ltc',
      'dogecoin',
      'doge',
      'dash',
      'tron',
      'trx',
      'usdt',
      'usdc',
      'crypto',
      'cryptocurrency',
      'wallet',
      'wallets',
      'wallet address',
      'cartera',
      'portefeuille',
      'portafoglio',
      'carteira',
      'кошелек',
      'кошелёк',
      '钱包',
      'ウォレット',
    ],
    confidence: 0.98,
    against: ['commit', 'sha1', 'sha-1', 'digest', 'checksum', 'revision', 'git'],
  },
};

/** Version bytes of addresses: Bitcoin, its test network, Litecoin, Dogecoin, Dash, TRON. */
const VERSIONS: ReadonlySet<number> = new Set([0x00, 0x05, 0x6f, 0xc4, 0x30, 0x32, 0x1e, 0x16, 0x4c, 0x10, 0x41]);

/** Bitcoin with its test networks, Litecoin likewise. */
const PREFIXES: readonly string[] = ['bcrt', 'bc', 'tb', 'ltc', 'tltc'];
const OPENS_SEGWIT = /^(?:bc(?:rt)?|tb|t?ltc)1/i;

const SHORTEST = 26;
const LONGEST_BASE58 = 35;
const LONGEST = 90;
/** `0x` and forty digits. */
const ETHEREUM = 42;

function findWord(text: string, start: number, end: number): Candidate | undefined {
  const length = end - start;
  if (length < 14 || length > LONGEST) return undefined;
  const word = text.slice(start, end);
  const confidence = confidenceOf(word, length);
  return confidence === 0 ? undefined : { start, end, confidence };
}

function confidenceOf(word: string, length: number): number {
  if (word.startsWith('0x')) return length === ETHEREUM ? ethereum(word.slice(2)) : 0;
  if (OPENS_SEGWIT.test(word)) return isSegwitAddress(word, PREFIXES) ? 0.95 : 0;
  if (length < SHORTEST || length > LONGEST_BASE58) return 0;
  return base58Version(word, VERSIONS) >= 0 ? 0.95 : 0;
}

/** All zeros and the like are burnt: nobody's. */
const NOBODY = /^(.)\1{38}/;

function ethereum(digits: string): number {
  for (let at = 0; at < digits.length; at++) if (!isHex(digits.charCodeAt(at))) return 0;
  return NOBODY.test(digits) ? 0 : 0.6;
}
