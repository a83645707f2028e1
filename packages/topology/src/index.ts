export * from './derive.ts'
export * from './fold.ts'
export * from './layout.ts'
export * from './topology.ts'
