/** The tables that rtnetlink tells of; each is a source of its own on the page. */
export const ROUTE_TABLES = ['links', 'addresses', 'routes', 'neighbours', 'fdb', 'sysctl'] as const
export type RouteTable = (typeof ROUTE_TABLES)[number]
