import type { Rule } from '../host/firewall.ts'
import { answerTo, type Change, change, tupleAnswer } from './evaluate.ts'
import type { Scene } from './facts.ts'
import type { Action, Field, Statement } from './rule.ts'

/**
 * The packet behind a rule: it is marked by rules that match and go on, and by what stands in a rule of nft before the part that fails. A mark that may
 * have been made is not known from there on.
 */
export function afterRule(rule: Rule, scene: Scene, as: 'matched' | 'passed'): Scene {
  const { packet, ctMark } = scene
  const state = { scene, run: { packet, ...(ctMark !== undefined && { ctMark }) } }
  const statements = rule.statements()
  for (const [i, statement] of statements.entries()) {
    const answer = answerOf(statement, state.scene)
    if (as === 'passed' && answer === false) return state.scene
    if (as === 'passed' && answer === 'unclear') return blurred(state.scene, statements.slice(i))
    if (isChange(statement)) change(statement, state)
    if (statement.kind === 'unknown') state.scene = blurred(state.scene, [statement])
    if (statement.kind !== 'map') continue
    const action = entryFor(statement, state.scene)
    if (action === undefined) state.scene = blurred(state.scene, [statement])
    else if (isChange(action)) change(action, state)
  }
  return state.scene
}

/** Whether the rule goes on behind a part of it. */
function answerOf(statement: Statement, scene: Scene): boolean | 'unclear' {
  switch (statement.kind) {
    case 'match': {
      const answer = answerTo(statement, scene)
      return typeof answer === 'boolean' ? answer : 'unclear'
    }
    case 'map': {
      const answers = statement.entries.map(({ values }) => tupleAnswer(statement.fields, values, scene))
      if (answers.every((answer) => answer === false)) return false
      return entryFor(statement, scene) === undefined ? 'unclear' : true
    }
    case 'maybe':
    case 'unknown':
      return 'unclear'
    default:
      return true
  }
}

/** What a map has for the packet, if that is certain. */
function entryFor({ fields, entries }: Extract<Action, { kind: 'map' }>, scene: Scene): Action | undefined {
  const found = entries.find(({ values }) => tupleAnswer(fields, values, scene) !== false)
  return found && tupleAnswer(fields, found.values, scene) === true ? found.action : undefined
}

/** Marks that any of these would make are not known. */
function blurred(scene: Scene, statements: readonly Statement[]): Scene {
  const fields = statements.flatMap((one) =>
    one.kind === 'map' ? one.entries.flatMap(({ action }) => markedBy(action)) : markedBy(one),
  )
  return fields.length === 0 ? scene : { ...scene, unknown: new Set([...(scene.unknown ?? []), ...fields]) }
}

function markedBy({ kind }: Statement): Field[] {
  if (kind === 'mark' || kind === 'restoreMark') return ['mark']
  if (kind === 'ctMark' || kind === 'saveMark') return ['ctMark']
  return kind === 'notrack' || kind === 'unknown' ? ['ctState', 'ctMark', 'mark'] : []
}

const CHANGES: ReadonlySet<Statement['kind']> = new Set(['mark', 'ctMark', 'saveMark', 'restoreMark', 'notrack'])
const isChange = (one: Statement): one is Change => CHANGES.has(one.kind)
