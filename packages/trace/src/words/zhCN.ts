import type { TraceWords } from './catalogue.ts'

export const zhCN: TraceWords = {
  errors: {
    UNKNOWN_WORD: '“{word}”不是过滤器中的词。',
    UNKNOWN_NAME: '这里没有名为“{word}”的对象。',
    NOT_AN_ADDRESS: '“{word}”不是 IP 地址。',
    NOT_A_NETWORK: '“{word}”不是网络，例如 10.0.0.0/8。',
    NOT_A_PORT: '“{word}”不是端口：应为不超过 65535 的数字；portrange 用两个数字，例如 80-90。',
    NOT_A_TYPE: '“{word}”不是 ICMP 类型，例如 echo-request 或 8。',
    NOT_A_PROTOCOL: '“{word}”不是协议，例如 tcp 或 6。',
    VALUE_MISSING: '此处缺少一个值。',
    TEST_MISSING: '此处缺少条件，例如“tcp”或“host 172.17.0.2”。',
    NOT_CLOSED: '此括号没有闭合。',
    NOT_OPENED: '此括号没有对应的左括号。',
    MIXED: '此处混用了“and”和“or”：请用括号把属于一起的部分括起来。',
  },
  tooMany: '该过滤器需要超过 {most} 条规则；请缩小范围。',
  partial: '这不是它的全部路径：有消息丢失，或符合条件的数据包超出了限制。',
  ended: { packets: '已达到所要求的数量', seconds: '时间已到', stopped: '已停止' },
  shown: '在 {namespaces} 个命名空间中显示了 {shown} 个数据包（{ended}）。',
  shownLost: '在 {namespaces} 个命名空间中跟踪了 {shown} 个数据包，显示了其中未到达的 {dropped} 个（{ended}）。',
  notWhole: '其中 {count} 个不完整。',
  leftOut: '有 {count} 个数据包超出了所要求的数量，未显示。',
  beyond: '有 {count} 次，符合条件的数据包超出了限制。',
  lost: '有 {count} 次，内核关于数据包的消息丢失了。',
  setBack: '不知道丢失了多少：在此期间 nftables 的计数器被重置。',
  unsent: '有 {count} 个数据包已被跟踪但未显示：它们来得太快，来不及传送。',
  already: '那里正在进行另一次跟踪',
  unavailable: '{place}中无法跟踪：{because}。',
  legacy: {
    LACKS_NFLOG: '{place}中 iptables-legacy 的规则不会被报告：内核缺少 nfnetlink_log。请加载：modprobe nfnetlink_log。',
    GROUP_TAKEN:
      '{place}中 iptables-legacy 的规则不会被报告：那里已有其他程序在监听 NFLOG 的 0 组。请结束它，或让它使用别的组。',
    NOT_ALLOWED:
      '{place}中 iptables-legacy 的规则不会被报告：无法写入 /proc/sys/net/netfilter/nf_log。请以 root 身份跟踪。',
  },
  same: '观察到的与预测的一致。',
  differs: '最先在这里不同（第 {hop} 跳）：',
  predicted: '预测：{hop}',
  observed: '观察到：{hop}',
  unseen: '没有观察到这条路径上的数据包。',
  refused: '发送方自己的内核没有发出它：{code}。',
  unprovable: {
    OUTSIDE: '从这里无法以外部身份发送。请从另一台机器发送，并用 hopscope trace 观察。',
    NO_ADDRESS: '没有可发送的地址：该名称没有对应的地址。',
    NETNS_GONE: '发送方已在此期间结束。',
  },
}
