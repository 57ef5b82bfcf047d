export { auAbn } from './guards/pii/recognizers/au-abn.ts';
export { auAcn } from './guards/pii/recognizers/au-acn.ts';
export { auMedicare } from './guards/pii/recognizers/au-medicare.ts';
export { auTfn } from './guards/pii/recognizers/au-tfn.ts';
export { brCnpj } from './guards/pii/recognizers/br-cnpj.ts';
export { brCpf } from './guards/pii/recognizers/br-cpf.ts';
export { caSin } from './guards/pii/recognizers/ca-sin.ts';
export { creditCard } from './guards/pii/recognizers/credit-card.ts';
export { cryptoWallet } from './guards/pii/recognizers/crypto-wallet.ts';
export { dateOfBirth } from './guards/pii/recognizers/date-of-birth.ts';
export { deTaxId } from './guards/pii/recognizers/de-tax-id.ts';
export { email } from './guards/pii/recognizers/email.ts';
export { esNie } from './guards/pii/recognizers/es-nie.ts';
export { esNif } from './guards/pii/recognizers/es-nif.ts';
export { fiHetu } from './guards/pii/recognizers/fi-hetu.ts';
export { frNir } from './guards/pii/recognizers/fr-nir.ts';
export { iban } from './guards/pii/recognizers/iban.ts';
export { inAadhaar } from './guards/pii/recognizers/in-aadhaar.ts';
export { inPan } from './guards/pii/recognizers/in-pan.ts';
export { ipAddress } from './guards/pii/recognizers/ip-address.ts';
export { itCodiceFiscale } from './guards/pii/recognizers/it-codice-fiscale.ts';
export { krRrn } from './guards/pii/recognizers/kr-rrn.ts';
export { macAddress } from './guards/pii/recognizers/mac-address.ts';
export { nlBsn } from './guards/pii/recognizers/nl-bsn.ts';
export { phone } from './guards/pii/recognizers/phone.ts';
export { plPesel } from './guards/pii/recognizers/pl-pesel.ts';
export { sePersonnummer } from './guards/pii/recognizers/se-personnummer.ts';
export { secret } from './guards/pii/recognizers/secret.ts';
export { sgNric } from './guards/pii/recognizers/sg-nric.ts';
export { ssn } from './guards/pii/recognizers/ssn.ts';
export { ukNhs } from './guards/pii/recognizers/uk-nhs.ts';
export { ukNino } from './guards/pii/recognizers/uk-nino.ts';
export { usAba } from './guards/pii/recognizers/us-aba.ts';
export { usDriverLicense } from './guards/pii/recognizers/us-driver-license.ts';
export { usItin } from './guards/pii/recognizers/us-itin.ts';
export { usPassport } from './guards/pii/recognizers/us-passport.ts';
export { vin } from './guards/pii/recognizers/vin.ts';
export type { Scanner } from './guards/pii/scanner.ts';
export {
  type PiiRecognizer,
  type SlimPiiOptions,
  type SlimScannerOptions,
  slimPii,
  slimScanner,
} from './guards/pii/slim.ts';
