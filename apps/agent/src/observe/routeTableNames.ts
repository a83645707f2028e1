/** What rtnetlink tells of; each is a source of its own on the page. */
export const ROUTE_SOURCES = ['links', 'addresses', 'routes', 'neighbours', 'fdb', 'sysctl'] as const
export type RouteSource = (typeof ROUTE_SOURCES)[number]

/** What most of the picture is made of: read first when everything has to be read. */
export const MAIN_TABLES = ['links', 'addresses', 'routes', 'neighbours', 'fdb'] as const
const OTHER_TABLES = ['rules', 'proxies', 'sysctl'] as const
export const ROUTE_TABLES = [...MAIN_TABLES, ...OTHER_TABLES] as const
export type RouteTable = (typeof ROUTE_TABLES)[number]
export { OTHER_TABLES }

/** Policy rules are the routes' matter, addresses that are answered for others the neighbours'. */
export const SOURCE_OF: Record<RouteTable, RouteSource> = {
  links: 'links',
  addresses: 'addresses',
  routes: 'routes',
  rules: 'routes',
  neighbours: 'neighbours',
  proxies: 'neighbours',
  fdb: 'fdb',
  sysctl: 'sysctl',
}
