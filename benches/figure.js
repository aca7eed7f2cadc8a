'use strict'

/**
 * One measured thing beside what it is compared with. Everything is a cost or a time: lower is better.
 * @typedef {object} Figure
 * @property {string} name  'benchmark/what'
 * @property {string} unit
 * @property {number} ours  the median
 * @property {number | null} spread  half of the values lie this close to the median; null for what is exact or measured once
 * @property {Record<string, number>} others  medians of what could be used instead, in the same unit
 * @property {Record<string, number>} beside  medians that explain it, and are nothing to use instead
 * @property {number | null} ratio  ours by the best of the others: the median of the ratios within one round
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
 * @param {Record<string, number[]>} [more.beside]
 * @param {string} [more.target]
 * @returns {Figure}
 */
function figure (name, unit, ours, { others = {}, beside = {}, target = null } = {}) {
  if (!ours.every(Number.isFinite)) throw new Error(`${name}: something was measured that is no number`)
  const [best] = Object.values(others).sort((one, other) => median(one) - median(other))
  return {
    name,
    unit,
    ours: median(ours),
    spread: ours.length > 1 ? spread(ours) : null,
    others: medians(others),
    beside: medians(beside),
    ratio: best ? finite(median(ours.map((value, round) => value / best[round]))) : null,
    target
  }
}

function medians (series) {
  return Object.fromEntries(Object.entries(series).map(([name, values]) => [name, median(values)]))
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
