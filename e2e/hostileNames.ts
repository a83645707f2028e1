// What each would do if it were taken for anything but a name.
const PAYLOADS = [
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '"><svg onload=window.pwned=1>',
  "'-alert(1)-'",
  'javascript:window.pwned=1',
  '{{constructor.constructor("window.pwned=1")()}}',
  '{name, plural, one {#} other {#}}',
  '__proto__',
  'constructor',
  'toString',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u001b[2J\u001b[H',
  'a\0b',
  'two\nlines\r\n\tand a tab',
  '\u202etxt.evil',
  'a\u2066\u2067b',
  '\u200bzero\u200b\ufeff',
  'pаypal', // the second letter is Cyrillic
  '🧑‍🚀👩‍👩‍👧‍👦',
  '-rf',
  '--help',
  'link:1:2',
  'x'.repeat(1000),
  'ا\u0644سلام שלום',
] as const

/** 200 names, no two alike: each payload alone, and in front of, behind and between what looks harmless. */
export const HOSTILE: readonly string[] = PAYLOADS.flatMap((p) => [
  p,
  `web-${p}`,
  `${p}-db`,
  `evil ${p} name`,
  `${p}${p}`,
  `🐳${p}`,
  `${p}:80/tcp`,
  `../${p}`,
])
