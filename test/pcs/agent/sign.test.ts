import { createHash, createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signPcs } from '../../../src/pcs/agent/sign.ts';
import { PCS_PROFILES, signedTexts } from '../../../src/pcs/canonical.ts';
import { SAMPLE_RECORD } from '../sample.ts';

describe('signPcs with HMAC', () => {
  it('gives the worked signature under py-direct', async () => {
    const signed = await signPcs(SAMPLE_RECORD, { alg: 'hmac', key: 'testsecret', profile: 'py-direct' });
    expect(signed).toEqual({ ...SAMPLE_RECORD, sig: 'wahFdOY1XKgg9WTr5UTpryZTviM5zay5VMHcrzHH5hE=' });
  });

  it.each(PCS_PROFILES)('agrees with node:crypto under %s', async (profile) => {
    const { text } = signedTexts(SAMPLE_RECORD, [profile])[0]!;
    const input = profile.endsWith('digest') ? createHash('sha256').update(text).digest() : text;
    const expected = createHmac('sha256', 'clé').update(input).digest('base64');
    expect((await signPcs(SAMPLE_RECORD, { alg: 'hmac', key: 'clé', profile })).sig).toBe(expected);
  });

  it('signs js-direct by default, and takes bytes and CryptoKeys', async () => {
    const { text } = signedTexts(SAMPLE_RECORD, ['js-direct'])[0]!;
    const expected = createHmac('sha256', 'k').update(text).digest('base64');
    const bytes = new TextEncoder().encode('k');
    const imported = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    for (const key of ['k', bytes, imported]) {
      expect((await signPcs(SAMPLE_RECORD, { alg: 'hmac', key })).sig).toBe(expected);
    }
  });
});

describe('signPcs with Ed25519', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const seed = new Uint8Array(Buffer.from(jwk.d!, 'base64url'));

  it.each(PCS_PROFILES)('signs the SHA-256 of the text under %s', async (profile) => {
    for (const key of [seed, Buffer.from(seed).toString('base64')]) {
      const { sig } = await signPcs(SAMPLE_RECORD, { alg: 'ed25519', key, profile });
      const digest = createHash('sha256')
        .update(signedTexts(SAMPLE_RECORD, [profile])[0]!.text)
        .digest();
      expect(verify(null, digest, publicKey, Buffer.from(sig, 'base64'))).toBe(true);
    }
  });
});

describe('signPcs options', () => {
  it.each([
    ['an algorithm that is none', { alg: 'rsa', key: 'k' }, 'PTC_E003'],
    ['no algorithm', { key: 'k' }, 'PTC_E001'],
    ['a profile that is none', { alg: 'hmac', key: 'k', profile: 'go' }, 'PTC_E003'],
    ['an empty secret', { alg: 'hmac', key: '' }, 'PTC_E008'],
    ['no key', { alg: 'hmac' }, 'PTC_E008'],
    ['null', { alg: 'hmac', key: null }, 'PTC_E008'],
    ['a short seed', { alg: 'ed25519', key: new Uint8Array(31) }, 'PTC_E008'],
    ['a seed that is not base64', { alg: 'ed25519', key: '*'.repeat(44) }, 'PTC_E008'],
    ['an unknown option', { alg: 'hmac', key: 'k', kid: 1 }, 'PTC_E004'],
  ])('refuses %s', async (_name, options, code) => {
    await expect(signPcs(SAMPLE_RECORD, options as never)).rejects.toThrow(code);
  });

  it('does not show the key in an error', async () => {
    const key = 'zq9-not-a-seed';
    await expect(signPcs(SAMPLE_RECORD, { alg: 'ed25519', key })).rejects.not.toThrow(key);
  });
});
