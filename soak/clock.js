'use strict'

/** Milliseconds on a clock that every process of a machine shares, and that nobody sets. */
function now () {
  return Number(process.hrtime.bigint()) / 1e6
}

module.exports = { now }
