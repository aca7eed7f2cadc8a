'use strict'

/**
 * Milliseconds by a clock that only goes forward, from a start that means nothing: for durations. The time of day may be set back,
 * or jump, at any moment, and whoever measures with it waits for ever then.
 */
function now () {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

module.exports = { now }
