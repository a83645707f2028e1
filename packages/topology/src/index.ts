export * from './derive.ts'
export * from './topology.ts'
