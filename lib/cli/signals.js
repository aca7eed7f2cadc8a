'use strict'

/** A promise for the first of some signals, or for a call of `now()`. */
function until (signals) {
  let now
  const promise = new Promise(resolve => { now = resolve })
  for (const signal of signals) process.once(signal, now)
  return { promise, now }
}

module.exports = { until }
