export * from './errors.ts'
export * from './events.ts'
export * from './metrics.ts'
export * from './version.ts'
