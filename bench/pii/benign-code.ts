import type { Random } from './random.ts';

const WORDS = [
  ...['index', 'buffer', 'total', 'offset', 'chunk', 'parser', 'window', 'limit', 'cache', 'queue', 'token', 'frame'],
  ...['scale', 'shard', 'node', 'edge', 'weight', 'cursor', 'batch', 'header', 'layout', 'signal', 'budget', 'handle'],
] as const;

type Snippet = (random: Random, word: () => string, number: () => string) => string;

/** Lines as programmers write them, with names and numbers that vary. No strings that name people, hosts or accounts. */
const LANGUAGES: Readonly<Record<string, Snippet>> = {
  python: (_, w, n) =>
    `@dataclass(frozen=True)\nclass ${cap(w())}:\n    ${w()}: float = ${n()}\n    ${w()}s: list[int] = field(default_factory=lambda: [${n()}, ${n()}, ${n()}])\n\n    @property\n    def ${w()}(self) -> float:\n        return self.${w()} @ self.${w()}[::-1][${n()}:${n()}] / ${n()}.${n()}\n\n`,
  cpp: (r, w, n) =>
    `template <typename T>\nstd::vector<T>::const_iterator ${w()}_at(const std::map<std::string, T>& ${w()}, std::size_t ${w()}) {\n  static constexpr std::uint64_t k${cap(w())} = 0x${Number(n()).toString(16)}ULL;\n  return ${w()} < ${n()} ? std::next(${w()}.begin(), ${n()}) : ${w()}.end(); // since ${r.int(20)}.${r.int(40)}.${r.int(200)}\n}\n\n`,
  rust: (_, w, n) =>
    `#[derive(Debug, Clone)]\npub struct ${cap(w())}<'a> { ${w()}: &'a [u8], ${w()}: u32 }\nimpl<'a> ${cap(w())}<'a> {\n    pub fn ${w()}(&self) -> Result<u64, core::fmt::Error> {\n        let ${w()} @ 0..=${n()} = self.${w()} else { return Err(core::fmt::Error) };\n        Ok(u64::from(${w()}) * ${n()}_${n()} + u8::MAX as u64)\n    }\n}\n\n`,
  go: (_, w, n) =>
    `func (s *${cap(w())}) ${cap(w())}(ctx context.Context, ${w()} []byte) (int, error) {\n\tif len(${w()}) > ${n()} || s.${w()} == nil {\n\t\treturn 0, fmt.Errorf("${w()} %d over limit %d", len(${w()}), ${n()})\n\t}\n\ttime.Sleep(${n()} * time.Millisecond)\n\treturn ${n()} - ${n()} + s.${w()}[${n()}:${n()}], nil\n}\n\n`,
  java: (_, w, n) =>
    `@Override\n@RequestMapping(value = "/${w()}/${n()}", produces = "application/json")\npublic List<${cap(w())}> ${w()}(@PathVariable long ${w()}) {\n    return ${w()}Map.entrySet().stream().map(${cap(w())}::new).limit(${n()}L).toList(); // JDK-${n()}\n}\n\n`,
  shell: (_, w, n) =>
    `for ${w()} in "$@"; do\n  [ "\${#${w()}}" -gt ${n()} ] && printf '%05d-%03d\\n' ${n()} $((${n()} - ${n()}))\n  tail -n +${n()} "$${w()}" | cut -c${n()}-${n()} >> "/var/tmp/${w()}.${n()}"\ndone\nchmod 0644 "\${${w()}[@]}"\n\n`,
  css: (r, w, n) =>
    `@media screen and (min-width: ${n()}px) and (max-width: ${n()}.98px) {\n  .${w()}-${n()}::before { content: "@"; margin: 0 ${n()}px 0 -${n()}px; color: #${r.chars('0123456789abcdef', 6)}; transform: translate(${n()}%, -${n()}%) rotate(0.${n()}turn); }\n}\n`,
  sql: (r, w, n) =>
    `INSERT INTO ${w()}s (id, ${w()}, ${w()}_at, amount) VALUES (${n()}${n()}, '${w()}-${n()}', '20${10 + r.int(16)}-0${1 + r.int(9)}-1${r.int(10)} 0${r.int(10)}:${10 + r.int(49)}:${10 + r.int(49)}.${n()}+02', ${n()}.${10 + r.int(90)});\nSELECT ${w()}::int, count(*) FROM ${w()}s WHERE id BETWEEN ${n()} AND ${n()}${n()} GROUP BY 1 HAVING count(*) > ${n()} LIMIT ${n()};\n`,
  ruby: (_, w, n) =>
    `module ${cap(w())}\n  def self.${w()}(${w()} = ${n()})\n    @${w()} ||= Hash.new { |h, k| h[k] = ${cap(w())}::${cap(w())}.call(k, ${n()}..${n()}) }\n    @@${w()} = ${n()}_${n()}\n  end\nend\n\n`,
  svg: (_, w, n) =>
    `<path id="${w()}" d="M${n()} ${n()}L${n()} ${n()}h-${n()}v${n()}c${n()}.${n()}-${n()} ${n()}-${n()}.${n()} ${n()} ${n()}z" fill="none" stroke-width="1.${n()}"/>\n`,
};

function cap(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** About `length` characters of made-up source code, language after language. */
export function madeCode(random: Random, length: number): string {
  const word = (): string => random.pick(WORDS);
  const number = (): string => String(random.int(10 ** (1 + random.int(4))));
  let text = '';
  while (text.length < length) {
    for (const snippet of Object.values(LANGUAGES)) text += snippet(random, word, number);
  }
  return text;
}
