export * from './ending.ts'
export * from './log.ts'
