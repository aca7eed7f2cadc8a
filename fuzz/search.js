'use strict'

const vm = require('node:vm')

/** Half of the time one of so many inputs that were found last is changed: they have had the fewest chances. */
const LATEST = 8
/** What takes longer (ms) for one input is broken. */
const LONGEST_TIME = 10000
/** So many inputs more may be tried to find a smaller one that breaks something too. */
const MOST_TRIES_TO_SHRINK = 2000

/**
 * Tries inputs until one breaks something, guided by what they reach: an input that reaches what none did before is changed in
 * turn. Which ones are tried follows from the seeds and the dice alone, so nothing is left for a next search.
 *
 * @template Input
 * @param {object} target
 * @param {Input[]} target.seeds what it begins with
 * @param {(input: Input, other: Input, dice: Dice) => Input} target.mutate
 * @param {(input: Input) => Iterator<Input>} target.smaller what may break the same, with less in it
 * @param {(input: Input) => void} target.holdFor throws if something is broken, at once or in what it sets off
 * @param {{ reset: () => void, hasGrown: () => boolean }} target.coverage what has run since it was asked last
 * @param {Dice} dice
 * @param {(tried: number) => boolean} isOver
 * @returns {Promise<{ tried: number, grown: number, failure: { input: Input, error: Error } | null }>}
 */
async function search ({ seeds, mutate, smaller, holdFor, coverage }, dice, isOver) {
  coverage.reset()
  const corpus = [...seeds]
  let [tried, failure] = [0, null]
  while (failure === null && !isOver(tried)) {
    const input = tried < seeds.length ? seeds[tried] : mutate(pick(corpus, dice), dice.oneOf(corpus), dice)
    tried++
    const error = await errorOf(holdFor, input)
    if (error) failure = await shrunk(holdFor, smaller, { input, error })
    else if (coverage.hasGrown() && tried > seeds.length) corpus.push(input)
  }
  return { tried, grown: corpus.length - seeds.length, failure }
}

function pick (corpus, dice) {
  return dice.oneOf(dice.chance(0.5) ? corpus : corpus.slice(-LATEST))
}

/** What an input breaks, or null. */
async function errorOf (holdFor, input, longest = LONGEST_TIME) {
  const late = []
  process.setUncaughtExceptionCaptureCallback(error => late.push(error))
  try {
    interruptible(() => holdFor(structuredClone(input)), longest)
    // Until then all that it put off has run.
    await new Promise(resolve => setImmediate(resolve))
    return late.length > 0 ? late[0] : null
  } catch (error) {
    return error
  } finally {
    process.setUncaughtExceptionCaptureCallback(null)
  }
}

const ROOM = vm.createContext()
const CALL = new vm.Script('call()')

/** Only what a script calls can be interrupted in an endless loop. */
function interruptible (call, timeout) {
  ROOM.call = call
  CALL.runInContext(ROOM, { timeout })
}

/** A failure without what does not matter to it. */
async function shrunk (holdFor, smaller, failure) {
  let candidates = smaller(failure.input)
  for (let tries = 0; tries < MOST_TRIES_TO_SHRINK; tries++) {
    const { done, value: input } = candidates.next()
    // An endless loop would be waited for each time.
    if (done || failure.error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') break
    const error = await errorOf(holdFor, input)
    if (!error || placeOf(error) !== placeOf(failure.error)) continue
    failure = { input, error }
    candidates = smaller(input)
  }
  return failure
}

/** Where an error comes from: what breaks something else is another failure. */
function placeOf ({ stack }) {
  return String(stack).split('\n').find(line => /^\s+at /.test(line))
}

module.exports = { errorOf, search }
