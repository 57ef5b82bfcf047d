/** Months 1 to 12 as they are written out or abbreviated in English and in languages of Europe and America. */
const NAMES: readonly string[] = [
  'january jan januar jänner janvier janv enero ene gennaio gen janeiro januari tammikuuta stycznia',
  'february feb februar février févr fevrier febrero febbraio fevereiro fev februari helmikuuta lutego',
  'march mar märz mrz mars marzo março marco maart mrt maaliskuuta marca',
  'april apr avril avr abril abr aprile huhtikuuta kwietnia',
  'may mai mayo maggio mag maio mei maj toukokuuta maja',
  'june jun juni juin junio giugno giu junho kesäkuuta czerwca',
  'july jul juli juillet juil julio luglio lug julho heinäkuuta lipca',
  'august aug août aout agosto ago augustus augusti elokuuta sierpnia',
  'september sep sept septembre septiembre setiembre settembre set setembro syyskuuta września',
  'october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta października',
  'november nov novembre noviembre novembro marraskuuta listopada',
  'december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro desember des joulukuuta grudnia',
];

const MONTHS: ReadonlyMap<string, number> = new Map(
  NAMES.flatMap((names, index) => names.split(' ').map((name) => [name, index + 1] as const)),
);

/** The month that a word names in any of the languages, 1 to 12, or 0. */
export function monthOf(word: string): number {
  return MONTHS.get(word.toLowerCase()) ?? 0;
}
