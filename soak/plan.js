'use strict'

const { seededRandom } = require('../sim/random')
const Dice = require('./dice')
const { ILLS } = require('./ills')
const { DIALECTS } = require('./settings')

/** Milliseconds of one act. */
const ACT = 4000
const LONGEST_ILL = 2500
/** How many daemons ail at once. In a mild act most are sound at any time, so that it can be told who is astray. */
const MOST_AILING = { mild: Math.ceil(DIALECTS.length / 2) - 1, storm: DIALECTS.length }
const ILLS_IN_AN_ACT = { mild: 10, storm: 24 }
/** Of so many ills one is a split of the network. */
const ILLS_TO_A_SPLIT = 6
const PRIMARY_FIRST = 0.3

/** What the processes are told to do, and how often in an act. */
const ORDERS = {
  lone: { make: 4, stop: 3, drop: 1, refresh: 2, calls: 12, submit: 2, drain: 1, pin: 0.5, reconfigure: 0.7, visit: 3, block: 1, thread: 1, suspend: 0.2 },
  cluster: { kill: 1, fall: 0.5, leave: 0.5, 'worker block': 0.3, block: 0.3, junk: 1, refresh: 1, drain: 0.5, pin: 0.3, reconfigure: 0.3, suspend: 0.2 }
}

/**
 * One thing that happens, so many milliseconds after the act began: to daemons, or by order to one of the processes.
 * @typedef {{ at: number, what: 'ill' | 'split' | 'reorganise' | 'order', daemons?: number[], ill?: string, lasts?: number, to?: string, order?: string, dice?: number }} Turn
 * @typedef {{ number: number, kind: 'mild' | 'storm', lasts: number, turns: Turn[] }} Act
 */

/**
 * The first act warms up. A master that is silent lets its workers judge for themselves, and a daemon in use that sends 50 MB
 * has everybody read them: who has done that once is a little larger ever after.
 */
const WARM_UP = [
  { at: 0, what: 'order', to: 'cluster', order: 'silence', dice: 0 },
  { at: 0, what: 'order', to: 'lone', order: 'calls', dice: 0 },
  { at: 3500, what: 'ill', daemons: [0], ill: '50 MB', lasts: 1500 },
  { at: 3600, what: 'order', to: 'lone', order: 'calls', dice: 1 }
]

/** What happens in act after act: the same for the same seed. @param {number} seed @returns {Generator<Act>} */
function * acts (seed) {
  const dice = new Dice(seededRandom(seed))
  yield { number: 1, kind: 'mild', lasts: ACT, turns: WARM_UP }
  for (let number = 2; ; number++) {
    const kind = number % 3 === 0 ? 'storm' : 'mild'
    const turns = [...ailments(kind, dice), ...reorganisations(dice), ...ordersTo('lone', dice), ...ordersTo('cluster', dice)]
    yield { number, kind, lasts: ACT, turns: turns.sort((one, other) => one.at - other.at) }
  }
}

/** No daemon has two ills at once, and there is one split of the network at a time. */
function * ailments (kind, dice) {
  const wellFrom = DIALECTS.map(() => 0)
  let joinedFrom = 0
  const starts = Array.from({ length: ILLS_IN_AN_ACT[kind] }, () => dice.below(ACT)).sort((one, other) => one - other)
  for (const at of starts) {
    const lasts = dice.between(100, LONGEST_ILL)
    const well = DIALECTS.map((_, daemon) => daemon).filter(daemon => wellFrom[daemon] <= at)
    const room = MOST_AILING[kind] - (DIALECTS.length - well.length)
    if (room <= 0) continue
    const isSplit = dice.below(ILLS_TO_A_SPLIT) === 0 && joinedFrom <= at
    const count = isSplit ? 1 + dice.below(Math.min(room, well.length)) : 1
    // The primary is in use most of the time: what happens to it is what matters most.
    const daemons = well.includes(0) && dice.chance(PRIMARY_FIRST) ? [0, ...dice.some(well.slice(1), count - 1)] : dice.some(well, count)
    for (const daemon of daemons) wellFrom[daemon] = at + lasts
    if (isSplit) joinedFrom = at + lasts
    yield isSplit ? { at, what: 'split', daemons, lasts } : { at, what: 'ill', daemons, ill: dice.oneOf(Object.keys(ILLS)), lasts }
  }
}

function * reorganisations (dice) {
  if (dice.below(2) === 0) yield { at: dice.below(ACT), what: 'reorganise' }
}

function * ordersTo (to, dice) {
  for (const [order, often] of Object.entries(ORDERS[to])) {
    const times = Math.floor(often) + (dice.chance(often % 1) ? 1 : 0)
    for (let time = 0; time < times; time++) yield { at: dice.below(ACT), what: 'order', to, order, dice: dice.below(2 ** 32) }
  }
}

module.exports = { ACT, LONGEST_ILL, acts }
