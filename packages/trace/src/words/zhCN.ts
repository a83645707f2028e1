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
  at: '第 {column} 列：{error}',
  near: '是否想输入 {words}？',
  tooMany: '该过滤器需要超过 {most} 条规则；请缩小范围。',
}
