'use strict'

/**
 * What is sampled at each rest, and how much more of it there may be in the last third of them than in the third before:
 * no more of what is counted; of memory, which is never twice the same, the more the more it goes up and down by itself.
 * Medians are compared, so that a single rest proves nothing.
 */
const COUNT = { unit: '', allowed: () => 0 }
const MEASURES = {
  handles: COUNT,
  threads: COUNT,
  sockets: COUNT,
  files: COUNT,
  heap: { unit: 'MB', allowed: earlier => 0.5 + 2 * spreadOf(earlier) },
  memory: { unit: 'MB', allowed: earlier => 1 + 0.02 * median(earlier) + 2 * spreadOf(earlier) }
}

/** Fewer rests in a third say nothing. */
const FEWEST = 3

/**
 * @typedef {{ measure: string, unit: string, before: number, after: number, allowed: number, grows: boolean }} Growth
 * @param {Array<Record<string, number>>} samples  of one process, one a rest, in their order
 * @returns {Growth[] | null} null where there are too few
 */
function growthOf (samples) {
  const third = Math.floor(samples.length / 3)
  if (third < FEWEST) return null
  // The first third is for warming up.
  const [middle, last] = [samples.slice(-2 * third, -third), samples.slice(-third)]
  return Object.entries(MEASURES).map(([measure, { unit, allowed }]) => {
    const [earlier, later] = [middle, last].map(part => part.map(sample => sample[measure]))
    const [before, after, limit] = [median(earlier), median(later), allowed(earlier)]
    return { measure, unit, before, after, allowed: limit, grows: after - before > limit }
  })
}

/** The median distance from the median. */
function spreadOf (values) {
  const middle = median(values)
  return median(values.map(value => Math.abs(value - middle)))
}

function median (values) {
  const sorted = [...values].sort((one, other) => one - other)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

module.exports = { growthOf }
