import type { Alphabet } from './secret-alphabets.ts';

/** Keys that begin with fixed characters: what follows is of one alphabet, and so and so long. */
export interface KeyForm {
  readonly prefix: string;
  readonly alphabet: Alphabet;
  readonly least: number;
  readonly most: number;
  readonly confidence: number;
  /**
   * `crc`: 36 characters end with a checksum. `base32`: other digits than 2 to 7 are made up. `mixed`: the prefix is weak, so
   * the body must look random; `image`: the same, and base64 of pictures often holds it.
   */
  readonly flag: string | undefined;
}

const SURE = 0.95;

/**
 * One key a line: prefix, alphabet, length or lengths of the rest, and where it differs from 0.95 confidence, and a flag.
 * Compared with the rules of gitleaks and trufflehog, and with what the providers publish; many publish no length. Keys for
 * tests, 0.3, open no account; ids that only come with a secret, 0.6.
 */
const ROWS = `
AKIA upper 16 0.95 base32
ASIA upper 16 0.95 base32
ABIA upper 16 0.8 base32
ACCA upper 16 0.8 base32
ABSKQmVkcm9ja base64 100-262
bedrock-api-key- base64 100-4000
AIza url 35
GOCSPX- url 28
ya29. url 30-500
dop_v1_ hex 64
doo_v1_ hex 64
dor_v1_ hex 64
HRKU- url 36-60
LTAI alnum 12-26 0.8 mixed
AKID alnum 32 0.8 mixed
AQVN url 35-40 0.8 mixed
y0_ url 55-199 0.95 mixed
fo1_ url 40-50
fm2_ base64 80-3000
fm1r_ base64 80-3000
fm1a_ base64 80-3000
vercel_blob_rw_ word 40-60
vcp_ alnum 56
vca_ alnum 56
vcr_ alnum 56
vci_ alnum 56
vck_ alnum 56
nfp_ word 36-40
nfc_ word 36-40
nfo_ word 36-40
nfu_ word 36-40
nfb_ word 36-40
pscale_tkn_ dots 32-64
pscale_pw_ dots 32-64
pscale_oauth_ dots 32-64
sbp_ hex 40
sb_secret_ url 28-48
napi_ alnum 60-70 0.9 mixed
dapi hex 32
dapi uuid 34
mdb_sa_sk_ url 36-48
pul- hex 40
cfk_ alnum 48
cfut_ alnum 48
cfat_ alnum 48
cflt base64 60 0.95 mixed
4b1d alnum 38 0.8 mixed
sha256~ url 43
tk-us- url 48
dnkey- url 79
hvs. url 24-300
hvb. url 90-300
hvr. url 90-300
dp.pt. alnum 40-44
dp.ct. alnum 40-44
dp.sa. alnum 40-44
dp.said. alnum 40-44
dp.scim. alnum 40-44
dp.audit. alnum 40-44
ops_eyJ web64 100-2000
AGE-SECRET-KEY-1 upper 58
ory_st_ alnum 32
ory_pat_ alnum 32
ghp_ alnum 36-255 0.95 crc
gho_ alnum 36-255 0.95 crc
ghu_ alnum 36-255 0.95 crc
ghs_ alnum 36-255 0.95 crc
ghr_ alnum 36-255 0.95 crc
github_pat_ word 82
glrtr- url 20-64
glcbt- url 20-64
glptt- hex 40
glft- url 20-64
glsoat- url 20-64
glimt- url 20-64
glagent- url 50
glffct- url 20-64
gloas- url 64
glwt- url 20-64
GR1348941 url 20
ATCTT3 url 100-250
ATBB alnum 28-32 0.8 mixed
npm_ alnum 36 0.95 crc
pypi- url 50-1000
rubygems_ hex 48
oy2 lower 43 0.8 mixed
cio alnum 32 0.8 mixed
cio_tp_ alnum 32
CLOJARS_ hex 60
dckr_pat_ url 24-40
dckr_oat_ url 24-40
AKCp alnum 60-73
cmVmdGtu alnum 56
sqp_ hex 40
squ_ hex 40
sqa_ hex 40
glsa_ word 41
glc_ base64 32-400
NRAK- upper 27
NRII- dash 32
sntryu_ hex 64
xaat- uuid 36
xapt- uuid 36
pylf_v1_us_ alnum 43-44
pylf_v1_eu_ alnum 43-44
essu_ base64 60-200
phx_ alnum 42-49
phs_ alnum 42-49
sgp_ word 40-60
CFPAT- url 43
pnu_ alnum 36
pnb_ alnum 36
PMAK- uuid 59
CCIPAT_ word 55-75
CCIPRJ_ word 55-75
tskey-auth- dash 20-70 0.95 mixed
tskey-api- dash 20-70 0.95 mixed
tskey-client- dash 20-70 0.95 mixed
tskey-scim- dash 20-70 0.95 mixed
tskey-webhook- dash 20-70 0.95 mixed
sk_live_ alnum 16-247
rk_live_ alnum 16-247
sk_test_ alnum 16-247 0.3
rk_test_ alnum 16-247 0.3
sk_org_live_ alnum 16-247
sk_org_test_ alnum 16-247 0.3
whsec_ base64 24-80
sq0atp- url 22
sq0csp- url 43
EAAA url 60-64 0.8 image
live_ alnum 30 0.8 mixed
live_ hex 35 0.8 mixed
live_ url 40 0.8 mixed
FLWSECK- dash 34-38
FLWSECK_TEST- dash 12-40 0.3
access-production- uuid 36
access-development- uuid 36 0.8
access-sandbox- uuid 36 0.3
shippo_live_ hex 40
shippo_test_ hex 40 0.3
EZAK alnum 54
EZTK alnum 54 0.3
duffel_live_ url 43
duffel_test_ url 43 0.3
xnd_production_ alnum 30-70
polar_oat_ url 43-50
polar_pat_ url 43-50
polar_at_u_ url 43-50
polar_at_o_ url 43-50
polar_rt_u_ url 43-50
polar_rt_o_ url 43-50
polar_cs_ url 43-50
polar_crt_ url 43-50
xoxb- dash 20-250 0.95 mixed
xoxp- dash 20-250 0.95 mixed
xoxa- dash 20-250 0.95 mixed
xoxr- dash 20-250 0.95 mixed
xoxs- dash 20-250 0.95 mixed
xoxo- dash 20-250 0.95 mixed
xoxc- dash 40-250 0.95 mixed
xoxe- dash 100-250
xoxe.xoxb- dash 100-250
xoxe.xoxp- dash 100-250
xapp- dash 40-250 0.95 mixed
sk-proj- url 40-250
sk-svcacct- url 40-250
sk-admin- url 40-250
sk-ant- url 40-150
sk-or-v1- hex 64
sk-lf- uuid 36
sk- alnum 20-64 0.8 mixed
hf_ alnum 34
api_org_ alnum 34
gsk_ alnum 52
xai- url 80
pplx- alnum 40-56
r8_ url 37
tgp_v1_ url 43
fw_ alnum 22-24 0.8 mixed
nvapi- url 60-70
csk- lower 48
jina_ alnum 60
llx- alnum 48
KGAT_ hex 32
e2b_ hex 40
dtn_ hex 64
ak_ url 20 0.8 mixed
oak_ url 20 0.8 mixed
uak_ url 43 0.8 mixed
pa- url 43 0.8 mixed
tvly- dash 32-44 0.95 mixed
fc- hex 32 0.8
apify_api_ alnum 36-40
lsv2_pt_ word 43
lsv2_sk_ word 43
pcsk_ word 50-90
rpa_ alnum 40-48 0.8 mixed
SK hex 32
AC hex 32 0.6
key- hex 32 0.8
xkeysib- dash 81
xsmtpsib- dash 81
mlsn. hex 64
pk_ hex 34 0.8
shpat_ hex 32
shpca_ hex 32
shppa_ hex 32
shpss_ hex 32
shptka_ hex 32
pat-na1- uuid 36
pat-na2- uuid 36
pat-na3- uuid 36
pat-eu1- uuid 36
pat-ap1- uuid 36
amzn.mws. uuid 36
amzn1.oa2-cs.v1. hex 64
EAA alnum 80-400 0.9 image
sl. url 130-2000
sl.u. url 130-2000
lin_api_ alnum 40
lin_oauth_ hex 64
zpka_ word 41
unkey_ alnum 21-24 0.95 mixed
sm_aat_ alnum 16
sm_pat_ alnum 16
sm_sat_ alnum 16
API- upper 26 0.8 mixed
p8e- alnum 32
fio-u- url 64
ico- alnum 32
s-s4t2ud- hex 64
s-s4t2af- hex 64
secret_ alnum 43
ntn_ alnum 46
figd_ url 40-50
tfp_ dots 40-64
cal_live_ hex 32
secret-live- dots 36
secret-test- dots 36 0.3
secret- alnum 43-48 0.8 mixed
rdme_ lower 70
rnd_ alnum 28 0.9 mixed
xau_ alnum 32-36 0.9 mixed
xao_ alnum 32-36 0.9 mixed
os_v2_app_ lower 100-110
os_v2_org_ lower 100-110
`;

export const KEY_FORMS: readonly KeyForm[] = ROWS.trim()
  .split('\n')
  .map((row) => {
    const [prefix, alphabet, lengths, confidence, flag] = row.split(' ');
    const [least, most = least] = lengths!.split('-').map(Number);
    const sureness = confidence === undefined ? SURE : Number(confidence);
    return { prefix: prefix!, alphabet: alphabet as Alphabet, least: least!, most: most!, confidence: sureness, flag };
  });
