'use strict'

/**
 * One measured thing beside what it is compared with.
 * @typedef {object} Figure
 * @property {string} name  'benchmark/what'
 * @property {string} unit
 * @property {number} ours  the median
 * @property {number | null} spread  half of the values lie this close to the median; null for what is exact or measured once
 * @property {Record<string, number>} others  medians in the same unit, the one that `ratio` is about first
 * @property {number | null} ratio  ours by the first other: the median of the ratios within one round
 * @property {string | null} target
 */

/**
 * A figure from values that were measured in turn. Machines are noisy, so each value is compared with its neighbour of the
 * same round only.
 * @param {string} name
 * @param {string} unit
 * @param {number[]} ours
 * @param {object} [more]
 * @param {Record<string, number[]>} [more.others]
 * @param {string} [more.target]
 * @returns {Figure}
 */
function figure (name, unit, ours, { others = {}, target = null } = {}) {
  const [first] = Object.values(others)
  return {
    name,
    unit,
    ours: median(ours),
    spread: ours.length > 1 ? spread(ours) : null,
    others: Object.fromEntries(Object.entries(others).map(([other, values]) => [other, median(values)])),
    ratio: first ? finite(median(ours.map((value, round) => value / first[round]))) : null,
    target
  }
}

function median (values) {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The median distance from the median: one disturbed round does not move it. */
function spread (values) {
  const middle = median(values)
  return median(values.map(value => Math.abs(value - middle)))
}

function finite (number) {
  return Number.isFinite(number) ? number : null
}

module.exports = { figure, median, spread }
