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
  tooMany: 'The filter would take more than {most} rules; ask for less at once.',
  partial: 'This is not all of its way: messages were lost, or more was meant than the limits allow.',
  ended: { packets: 'as many as asked for', seconds: 'the time is over', stopped: 'stopped' },
  shown: 'Packets shown: {shown}, namespaces: {namespaces} ({ended}).',
  shownLost:
    'Packets followed: {shown}; shown because they do not arrive: {dropped}. Namespaces: {namespaces} ({ended}).',
  notWhole: 'Not whole: {count} of them.',
  leftOut: 'Left out, beyond as many as asked for: {count}.',
  beyond: 'Meant, but beyond the limits: {count}.',
  lost: 'Losses of what the kernel told of a packet: {count}.',
  setBack: 'How much was lost is not known: the counters of nftables were set back meanwhile.',
  unsent: 'Traced and not shown, because they came faster than they could be passed on: {count}.',
  already: 'another tracing is under way there',
  unavailable: 'Nothing can be traced in {place}: {because}.',
  legacy: {
    LACKS_NFLOG:
      'Of the rules of iptables-legacy in {place} nothing is told: the kernel lacks nfnetlink_log. Load it: modprobe nfnetlink_log.',
    GROUP_TAKEN:
      'Of the rules of iptables-legacy in {place} nothing is told: another program listens to group 0 of NFLOG there. End it, or give it another group.',
    NOT_ALLOWED:
      'Of the rules of iptables-legacy in {place} nothing is told: /proc/sys/net/netfilter/nf_log may not be written. Trace as root.',
  },
  same: 'What was seen is what was predicted.',
  differs: 'They differ first here (hop {hop}):',
  predicted: 'predicted: {hop}',
  observed: 'seen: {hop}',
  unseen: 'No packet of this way was seen.',
  refused: "The sender's own kernel did not send it: {code}.",
  unprovable: {
    OUTSIDE: 'From outside nothing can be sent from here. Send it from another machine and watch: hopscope trace.',
    NO_ADDRESS: 'There is no address to send to: the name leads to none.',
    NETNS_GONE: 'The sender has ended meanwhile.',
    NOT_ASKED: 'There is no link to ask for that address on: the prediction says why.',
  },
  answered: '{lladdr} answered.',
  answeredBy: '{lladdr} answered: {link} of {place}.',
  unanswered: 'Nobody answered within {milliseconds} ms.',
}
