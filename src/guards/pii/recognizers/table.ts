import type { PiiType } from '../types.ts';
import { auAbn } from './au-abn.ts';
import { auAcn } from './au-acn.ts';
import { auMedicare } from './au-medicare.ts';
import { auTfn } from './au-tfn.ts';
import { brCnpj } from './br-cnpj.ts';
import { brCpf } from './br-cpf.ts';
import { caSin } from './ca-sin.ts';
import { creditCard } from './credit-card.ts';
import { cryptoWallet } from './crypto-wallet.ts';
import { dateOfBirth } from './date-of-birth.ts';
import { deTaxId } from './de-tax-id.ts';
import { email } from './email.ts';
import { esNie } from './es-nie.ts';
import { esNif } from './es-nif.ts';
import { fiHetu } from './fi-hetu.ts';
import { frNir } from './fr-nir.ts';
import { iban } from './iban.ts';
import { inAadhaar } from './in-aadhaar.ts';
import { inPan } from './in-pan.ts';
import { ipAddress } from './ip-address.ts';
import { itCodiceFiscale } from './it-codice-fiscale.ts';
import { krRrn } from './kr-rrn.ts';
import { macAddress } from './mac-address.ts';
import { nlBsn } from './nl-bsn.ts';
import { phone } from './phone.ts';
import { plPesel } from './pl-pesel.ts';
import type { Recognizer } from './recognizer.ts';
import { sePersonnummer } from './se-personnummer.ts';
import { secret } from './secret.ts';
import { sgNric } from './sg-nric.ts';
import { ssn } from './ssn.ts';
import { ukNhs } from './uk-nhs.ts';
import { ukNino } from './uk-nino.ts';
import { usAba } from './us-aba.ts';
import { usDriverLicense } from './us-driver-license.ts';
import { usItin } from './us-itin.ts';
import { usPassport } from './us-passport.ts';
import { vin } from './vin.ts';

/** The recognizer of each type. */
export const RECOGNIZERS: Readonly<Record<PiiType, Recognizer>> = Object.freeze({
  credit_card: creditCard,
  iban,
  secret,
  ssn,
  ip_address: ipAddress,
  email,
  phone,
  us_itin: usItin,
  us_aba: usAba,
  us_passport: usPassport,
  us_driver_license: usDriverLicense,
  uk_nhs: ukNhs,
  uk_nino: ukNino,
  es_nif: esNif,
  es_nie: esNie,
  it_codice_fiscale: itCodiceFiscale,
  de_tax_id: deTaxId,
  fr_nir: frNir,
  pl_pesel: plPesel,
  nl_bsn: nlBsn,
  in_aadhaar: inAadhaar,
  in_pan: inPan,
  sg_nric: sgNric,
  au_abn: auAbn,
  au_acn: auAcn,
  au_tfn: auTfn,
  au_medicare: auMedicare,
  ca_sin: caSin,
  br_cpf: brCpf,
  br_cnpj: brCnpj,
  kr_rrn: krRrn,
  se_personnummer: sePersonnummer,
  fi_hetu: fiHetu,
  crypto_wallet: cryptoWallet,
  mac_address: macAddress,
  vin,
  date_of_birth: dateOfBirth,
});
