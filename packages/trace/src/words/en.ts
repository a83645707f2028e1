import type { TraceWords } from './catalogue.ts'

export const en: TraceWords = {
  errors: {
    UNKNOWN_WORD: '"{word}" is no word of a filter.',
    UNKNOWN_NAME: 'Nothing here has the name "{word}".',
    NOT_AN_ADDRESS: '"{word}" is no IP address.',
    NOT_A_NETWORK: '"{word}" is no network, such as 10.0.0.0/8.',
    NOT_A_PORT: '"{word}" is no port: a number up to 65535, or two for portrange, such as 80-90.',
    NOT_A_TYPE: '"{word}" is no type of ICMP, such as echo-request or 8.',
    NOT_A_PROTOCOL: '"{word}" is no protocol, such as tcp or 6.',
    VALUE_MISSING: 'A value is missing here.',
    TEST_MISSING: 'Something to ask for is missing here, such as "tcp" or "host 172.17.0.2".',
    NOT_CLOSED: 'This parenthesis is not closed.',
    NOT_OPENED: 'This parenthesis was not opened.',
    MIXED: '"and" and "or" are mixed here: put what belongs together into parentheses.',
  },
  at: 'Column {column}: {error}',
  near: 'Did you mean {words}?',
  tooMany: 'The filter would take more than {most} rules; ask for less at once.',
}
