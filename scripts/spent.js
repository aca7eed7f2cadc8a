'use strict'

// What checks cost: time, and work of the processors.

const fs = require('node:fs')

/** Linux counts in these, for every processor that Node.js runs on. */
const TICKS_PER_SECOND = 100

/** A function that says what was spent since now. @returns {() => string} */
function meter () {
  const [began, before] = [performance.now(), worked()]
  return () => {
    const [took, now] = [(performance.now() - began) / 1000, worked()]
    const work = now === null || before === null ? '' : `, ${(now - before).toFixed(0)} s of work for the processors`
    return `${took.toFixed(1)} s${work}`
  }
}

/** Seconds that processors worked for children that have ended, and for theirs; null where nobody tells. */
function worked () {
  try {
    // The name in brackets may have spaces; the fields behind it begin with the third.
    const fields = fs.readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /s, '').split(' ').map(Number)
    return (fields[13] + fields[14]) / TICKS_PER_SECOND
  } catch {
    return null
  }
}

module.exports = { meter }
