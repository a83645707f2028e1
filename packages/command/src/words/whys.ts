/** What the steps of guides teach: what happens, and why it is needed. */
export const WHYS = [
  'why.bridge',
  'why.bridgeUp',
  'why.gateway',
  'why.veth',
  'why.attach',
  'why.linkUp',
  'why.move',
  'why.rename',
  'why.endUp',
  'why.address',
  'why.default',
  'why.passes',
  'why.hostForwards',
  'why.letOut',
  'why.letBack',
  'why.masquerade',
  'why.router',
  'why.leg',
  'why.legUp',
  'why.legAddress',
  'why.forward',
  'why.way',
] as const
type Whys = Readonly<Record<(typeof WHYS)[number], string>>

export const whysEn: Whys = {
  'why.bridge':
    'A bridge is a switch made of software: what is plugged into {bridge} shares one wire, and one subnet, {subnet}.',
  'why.bridgeUp': 'A new link is off. While {bridge} is off it forwards nothing, whatever is plugged in.',
  'why.gateway':
    'A switch needs no address to forward frames. But the container needs a gateway that stands on its own wire: so the host takes {gateway} on {bridge}, and with it gets a route to {subnet}.',
  'why.veth':
    'A veth pair is a patch cable: what goes in at one end comes out at the other. {link} stays on the host, {peer} is for {container}.',
  'why.attach':
    'The cable is plugged into the switch. From now on {link} is a port of {bridge}: frames that come out of it go to whatever else is plugged in.',
  'why.linkUp':
    'New cables are off, too. A cable has a signal once both of its ends are on; this is the end at {bridge}.',
  'why.move':
    'A container is isolated because its links live in a network namespace of its own, where the host’s cannot be seen. Moving {link} there carries one end of the cable through the wall, into {container}; the other end stays. The kernel switches it off on the way and takes its addresses.',
  'why.rename':
    'Programs and people expect the first link of a container to be eth0, and Docker would call it so. A name counts within one namespace only, so that every container can have its own {to}; {link} was a name for the way.',
  'why.endUp': 'The move switched it off. With {link} and {peer} both on, the cable has a signal: both show LOWER_UP.',
  'why.address':
    'Now {container} can be reached. The prefix length says who is on the same wire: the kernel adds a route to {subnet} by itself, and asks for the MAC addresses of these neighbours by ARP.',
  'why.default':
    '{container} knows the way to {subnet} only. The default route says: everything else goes to {gateway}, which is on the same wire and knows more.',
  'why.passes':
    'Frames that stay within a bridge could simply pass. But this host hands them to iptables as well, where Docker’s policy is to drop what is forwarded: neighbours on a bridge made by hand would not hear each other. Switched off, iptables sees routed packets only; the rules that keep containers of one Docker network apart (icc=false) then end, too.',
  'why.hostForwards':
    'What is not for the host itself arrives at {gateway} on {bridge}, and would be dropped there. With forwarding on, the host looks the destination up in its own routes and sends the packet on: it becomes the router of everybody on {bridge}.',
  'why.letOut':
    'Where Docker runs, the host drops what it passes on unless a rule allows it. This one lets out what comes from {bridge}, with {container} behind it.',
  'why.letBack':
    'Answers come the other way and need a rule of their own. Connection tracking knows which packets belong to something that was begun from here; only those pass to {subnet}. Nobody outside can begin to talk to {container}.',
  'why.masquerade':
    'Packets of {container} leave now, but no answer comes: nobody outside knows where {subnet} is. MASQUERADE writes the host’s own address into them as they leave, and remembers whose they were. The answers come to the host, which writes the address of {container} back. That is NAT, and what Docker does for its networks.',
  'why.router':
    'A router is anything with a leg in several networks that passes packets on. It needs links and routes of its own, and that is what a namespace is: {router} will be one.',
  'why.leg':
    'A cable from the segment to the router. A pair can be made with its ends in different namespaces: {link} will be a port of {bridge}, {end} stands in {router} at once.',
  'why.legUp': 'Both ends of a cable must be on for a signal; {link} is the end in {router}.',
  'why.legAddress':
    'With {address} the router is one of the hosts of {subnet}: they can send to it, and {router} gets a route to all of them.',
  'why.forward':
    'A host that gets a packet for somebody else drops it. With forwarding on, it looks the destination up in its own routes and sends the packet on: this one switch makes {router} a router.',
  'why.way':
    '{host} knows its own segment only. It is told that {dst} lies behind {via}. The hosts over there need the way back as well: without it questions arrive, and answers do not.',
}

export const whysZhCN: Whys = {
  'why.bridge': '网桥是用软件做的交换机：接入 {bridge} 的接口共用一条线路，也共用一个子网 {subnet}。',
  'why.bridgeUp': '新建的接口处于停用状态。{bridge} 未启用时，无论接入什么都不会转发。',
  'why.gateway':
    '交换机转发帧并不需要地址。但容器需要一个就在同一线路上的网关：因此主机在 {bridge} 上使用 {gateway}，同时得到一条到 {subnet} 的路由。',
  'why.veth': 'veth 对就像一根网线：从一端进去的，从另一端出来。{link} 留在主机上，{peer} 给 {container}。',
  'why.attach': '把网线插到交换机上。从此 {link} 是 {bridge} 的一个端口：从它出来的帧可以到达接在上面的其他接口。',
  'why.linkUp': '新的网线同样处于停用状态。两端都启用后才有信号；这是 {bridge} 这一端。',
  'why.move':
    '容器之所以隔离，是因为它的接口位于自己的网络命名空间里，在那里看不到主机的接口。把 {link} 移过去，就是把网线的一端穿墙送进 {container}，另一端留在原处。移动时内核会停用它并清除其地址。',
  'why.rename':
    '程序和人都习惯容器的第一个接口叫 eth0，Docker 也这样命名。名称只在一个命名空间内有效，所以每个容器都可以有自己的 {to}；{link} 只是途中的名字。',
  'why.endUp': '移动时它被停用了。{link} 与 {peer} 都启用后网线才有信号：两端都会显示 LOWER_UP。',
  'why.address':
    '现在可以访问 {container} 了。前缀长度说明哪些地址在同一线路上：内核会自动添加到 {subnet} 的路由，并用 ARP 询问这些邻居的 MAC 地址。',
  'why.default':
    '{container} 目前只知道怎样到达 {subnet}。默认路由的意思是：其余一切都交给 {gateway}，它在同一线路上，并且知道更多去处。',
  'why.passes':
    '只在网桥内部往来的帧本来可以直接通过。但这台主机也把它们交给 iptables，而 Docker 的策略是丢弃转发的内容：手工网桥上的邻居会互相听不到。关闭后 iptables 只看到被路由的数据包；让同一 Docker 网络中的容器彼此隔离的规则（icc=false）也会随之失效。',
  'why.hostForwards':
    '不是发给主机自己的数据包到了 {bridge} 上的 {gateway} 就会被丢弃。打开转发后，主机会在自己的路由中查找目的地并转交出去：它成为 {bridge} 上所有成员的路由器。',
  'why.letOut':
    '在运行 Docker 的主机上，转发的数据包若没有规则放行就会被丢弃。这条规则放行从 {bridge} 进来的数据包，{container} 就在它后面。',
  'why.letBack':
    '回答走相反的方向，需要另一条规则。连接跟踪知道哪些数据包属于从这里发起的连接，只有它们可以进入 {subnet}。外面的人无法主动连接 {container}。',
  'why.masquerade':
    '{container} 的数据包现在出得去，却等不到回答：外面没有人知道 {subnet} 在哪里。MASQUERADE 在数据包离开时把源地址改写成主机自己的地址，并记住它原来属于谁；回答到达主机后，再改写回 {container} 的地址。这就是 NAT，Docker 为它的网络做的也正是这件事。',
  'why.router':
    '凡是在多个网络中各有一个接口、并转交数据包的，就是路由器。它需要自己的接口和路由，而命名空间正是如此：{router} 将是这样一个命名空间。',
  'why.leg':
    '从网段到路由器的一根网线。创建 veth 对时，两端可以直接位于不同的命名空间：{link} 将成为 {bridge} 的端口，{end} 一开始就在 {router} 中。',
  'why.legUp': '网线两端都启用才有信号；{link} 是 {router} 中的一端。',
  'why.legAddress':
    '有了 {address}，路由器就是 {subnet} 中的一员：那里的主机可以把数据包发给它，{router} 也得到到达它们的路由。',
  'why.forward':
    '主机收到发给别人的数据包时会丢弃。打开转发后，它会在自己的路由中查找目的地并转交出去：正是这一个开关让 {router} 成为路由器。',
  'why.way':
    '{host} 只认识自己的网段。这里告诉它：{dst} 在 {via} 之后。对面的主机也需要返回的路，否则问题能到，回答到不了。',
}
