/** A ruleset with every kind of chain, in nft's own words. */
export const RULES = `
table inet filter {
  set blocked {
    type ipv4_addr
    elements = { 10.0.0.1 }
  }
  chain extra {
    counter comment "extra"
  }
  chain input {
    type filter hook input priority -5; policy accept;
    ct state new counter accept comment "new ones"
    tcp dport 22 counter drop
    ip saddr @blocked reject
    jump extra
  }
}
table ip nat {
  chain output {
    type nat hook output priority -100; policy accept;
    tcp dport 8080 dnat to 127.0.0.1:9090
  }
  chain post {
    type nat hook postrouting priority 100; policy accept;
    ip saddr 10.0.0.0/8 masquerade
  }
}
table netdev early {
  chain in {
    type filter hook ingress device "lo" priority 0; policy accept;
  }
}
table ip6 asleep {
  flags dormant
  chain forward {
    type filter hook forward priority 0; policy drop;
  }
}
`
