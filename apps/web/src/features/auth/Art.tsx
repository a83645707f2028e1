import type { Hue } from '../../theme/colours.ts'

type BoxProps = { x: number; y: number; w: number; h: number; hue: Hue; r?: number }

const Rect = ({ x, y, w, h, hue, r = 8 }: BoxProps) => (
  <rect
    x={x}
    y={y}
    width={w}
    height={h}
    rx={r}
    fill={`var(--${hue}-fill)`}
    stroke={`var(--${hue}-line)`}
    strokeWidth="1.25"
  />
)

/** A container's box with its interface and the dot of its bridge port. */
function Member({ x, y }: { x: number; y: number }) {
  return (
    <g>
      <path d={`M${x - 24} ${y + 36}H${x + 14}`} stroke="var(--veth-line)" strokeWidth="1.25" />
      <Rect x={x} y={y} w={112} h={60} hue="box" />
      <rect x={x + 14} y={y + 12} width="52" height="6" rx="3" fill="var(--box-line)" opacity="0.5" />
      <Rect x={x + 14} y={y + 28} w={84} h={18} hue="veth" r={5} />
      <circle cx={x - 24} cy={y + 36} r="5" fill="var(--veth-fill)" stroke="var(--veth-line)" strokeWidth="1.25" />
    </g>
  )
}

function Bridge({ x, y, columns, rows }: { x: number; y: number; columns: number; rows: number }) {
  const cells = Array.from({ length: columns * rows }, (_, i) => ({ c: i % columns, r: Math.floor(i / columns) }))
  return (
    <g>
      {Array.from({ length: columns }, (_, c) => x + 24 + c * 160).map((trunk) => (
        <path
          key={trunk}
          d={`M${trunk} ${y + 30}V${y + 60 + 36 + (rows - 1) * 84}`}
          stroke="var(--bridge-line)"
          strokeWidth="1.25"
        />
      ))}
      {cells.map(({ c, r }) => (
        <Member key={`${c} ${r}`} x={x + 48 + c * 160} y={y + 60 + r * 84} />
      ))}
      <Rect x={x} y={y} w={columns * 160 + 8} h={30} hue="bridge" />
      <rect x={x + 16} y={y + 12} width="72" height="6" rx="3" fill="var(--bridge-line)" opacity="0.6" />
    </g>
  )
}

/** A picture of a host as the map draws it, with one packet's way through it. */
export function Art() {
  return (
    <svg
      viewBox="0 0 940 720"
      preserveAspectRatio="xMidYMid meet"
      fill="none"
      aria-hidden
      className="absolute inset-0 size-full p-12"
    >
      <rect
        x="130"
        y="60"
        width="790"
        height="600"
        rx="14"
        fill="var(--surface)"
        stroke="var(--border)"
        strokeWidth="1.25"
      />
      <path d="M96 150H168M96 250H168" stroke="var(--nic-line)" strokeWidth="1.25" />
      <path d="M240 150H290M240 250H290M340 115H380M340 395H380" stroke="var(--stack-line)" strokeWidth="1.25" />
      <Rect x={16} y={132} w={84} h={36} hue="segment" r={18} />
      <Rect x={16} y={232} w={84} h={36} hue="segment" r={18} />
      <Rect x={160} y={130} w={84} h={40} hue="nic" />
      <Rect x={160} y={230} w={84} h={40} hue="nic" />
      <Rect x={160} y={330} w={84} h={40} hue="tunnel" r={14} />
      <Rect x={290} y={100} w={50} h={520} hue="stack" />
      <Bridge x={380} y={100} columns={3} rows={2} />
      <Bridge x={380} y={380} columns={2} rows={2} />
      <Rect x={736} y={380} w={152} h={30} hue="macvlan" />
      <path
        d="M760 410V470H776M760 410V554H776"
        stroke="var(--macvlan-line)"
        strokeWidth="1.25"
        strokeDasharray="4 4"
      />
      {[440, 524].map((y) => (
        <g key={y}>
          <Rect x={776} y={y} w={112} h={60} hue="box" />
          <rect x={790} y={y + 12} width="52" height="6" rx="3" fill="var(--box-line)" opacity="0.5" />
          <Rect x={790} y={y + 28} w={84} h={18} hue="macvlan" r={5} />
        </g>
      ))}
      <path
        d="M58 150H315V395H404V560H442"
        stroke="var(--selection)"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeDasharray="2 9"
      />
      <circle cx="58" cy="150" r="7" fill="var(--selection)" />
      <circle cx="446" cy="560" r="7" fill="var(--selection)" />
    </svg>
  )
}
