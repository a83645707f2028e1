export * from './words/codes.ts'
export { fill } from './words/fill.ts'
export * from './words/namer.ts'
export * from './words/say.ts'
