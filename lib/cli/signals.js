'use strict'

/**
 * A promise for the first of some signals, or for a call of `now()`, which keeps the process alive until then.
 * @param {NodeJS.Signals[]} signals
 * @returns {{ promise: Promise<void>, now: () => void, isOver: () => boolean }}
 */
function until (signals) {
  const alive = setInterval(() => {}, LONGEST_TIMER)
  /** @type {() => void} */
  let now
  let isOver = false
  const promise = new Promise(resolve => {
    now = () => {
      clearInterval(alive)
      isOver = true
      resolve()
    }
  })
  for (const signal of signals) process.once(signal, now)
  return { promise, now, isOver: () => isOver }
}

const LONGEST_TIMER = 0x7fffffff

module.exports = { until }
