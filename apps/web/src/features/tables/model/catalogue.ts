import { addresses } from './kinds/addresses.ts'
import { bridgePorts, bridges } from './kinds/bridges.ts'
import { connections } from './kinds/connections.ts'
import { containers } from './kinds/containers.ts'
import { fdb } from './kinds/fdb.ts'
import { firewallChains, firewallRules, firewallSets } from './kinds/firewall.ts'
import { interfaces } from './kinds/interfaces.ts'
import { namespaces } from './kinds/namespaces.ts'
import { nat } from './kinds/nat.ts'
import { neighbours } from './kinds/neighbours.ts'
import { networks } from './kinds/networks.ts'
import { policyRules, routes } from './kinds/routes.ts'
import { sockets } from './kinds/sockets.ts'
import { sources } from './kinds/sources.ts'
import { switches } from './kinds/switches.ts'
import { vethPairs } from './kinds/vethPairs.ts'
import type { Table, TableId, ThemeId } from './table.ts'

/** All tables, in the order of the list beside them. */
export const TABLES: readonly Table[] = [
  interfaces,
  addresses,
  namespaces,
  vethPairs,
  bridges,
  bridgePorts,
  fdb,
  neighbours,
  routes,
  policyRules,
  switches,
  firewallRules,
  firewallChains,
  firewallSets,
  nat,
  connections,
  sockets,
  containers,
  networks,
  sources,
]

export const TABLE_IDS: readonly TableId[] = TABLES.map((t) => t.id)
export const THEMES: readonly ThemeId[] = [...new Set(TABLES.map((t) => t.theme))]
export const tableById = (id: TableId): Table => TABLES.find((t) => t.id === id) ?? interfaces
