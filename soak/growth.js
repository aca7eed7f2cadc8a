'use strict'

/**
 * What is sampled at each rest, and how much more of it there may be in the last third of them than in the third before:
 * no more of what is counted; of memory, which is never twice the same, the more the more it goes up and down by itself.
 * So do connections, of which some are kept for the requests to come: how many depends on what was asked last.
 * Medians are compared, so that a single rest proves nothing. Nor does a single step of memory: what once took much keeps
 * some of it for the next time.
 */
const COUNT = { unit: '', allowed: () => 0 }
const MEASURES = {
  handles: COUNT,
  threads: COUNT,
  connections: { unit: '', allowed: values => 4 + 2 * spreadOf(values) + largestStep(values) },
  sockets: COUNT,
  files: COUNT,
  heap: { unit: 'MB', allowed: values => 0.5 + 2 * spreadOf(values) + largestStep(values) },
  memory: { unit: 'MB', allowed: values => 1 + 0.01 * median(values) + 2 * spreadOf(values) + largestStep(values) }
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
    const [before, after, limit] = [median(earlier), median(later), allowed([...earlier, ...later])]
    return { measure, unit, before, after, allowed: limit, grows: after - before > limit }
  })
}

function largestStep (values) {
  return Math.max(0, ...steps(values))
}

/** How much it goes up or down by itself from one rest to the next, beside what it does at every rest. */
function spreadOf (values) {
  const usual = median(steps(values))
  return median(steps(values).map(step => Math.abs(step - usual)))
}

function steps (values) {
  return values.slice(1).map((value, index) => value - values[index])
}

function median (values) {
  const sorted = [...values].sort((one, other) => one - other)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

module.exports = { growthOf }
