'use strict'

/** Steps in which a stretch of time is looked at. */
const STEP = 50

/**
 * @typedef {object} Given  what getDaemon() answered, without a break
 * @property {string} who  who asked
 * @property {string} daemon  host:port
 * @property {string} mode
 * @property {number} from
 * @property {number} to
 *
 * @typedef {object} Bad  what was wrong with a daemon
 * @property {string} daemon
 * @property {'dead' | 'astray' | 'ill'} how  `ill` tells only that its word need not be worth anything
 * @property {string} what  for people
 * @property {number} from
 * @property {number} to
 *
 * @typedef {{ at: number, late: number }} Stall  a process got its turn so late; `at` is when it did
 */

/**
 * The longest that each kind of bad daemon was given in mode multi, and every time that it was longer than allowed.
 *
 * A daemon that is astray counts only while most daemons had been sound for as long as judging takes: without a sound majority nobody can tell.
 * Where a process was late, so may its answers be.
 * @param {Given[]} givens
 * @param {Bad[]} bads
 * @param {{ limits: Record<string, number>, stalls: Stall[], daemons: string[] }} circumstances
 */
function overstays (givens, bads, { limits, stalls, daemons }) {
  const longest = { dead: 0, astray: 0 }
  const violations = []
  for (const bad of bads.filter(({ how }) => how in limits)) {
    for (const { who, from, to } of givens.filter(({ daemon, mode }) => daemon === bad.daemon && mode === 'multi')) {
      const end = Math.min(to, bad.to)
      if (end <= Math.max(from, bad.from)) continue
      const clear = bad.how === 'dead' ? bad.from : clearSince(bad, end, bads, daemons, limits.astray)
      const lasted = end - clear - latenessIn(stalls, clear, end)
      longest[bad.how] = Math.max(longest[bad.how], lasted)
      if (lasted > limits[bad.how]) violations.push({ who, bad, lasted })
    }
  }
  return { longest, violations }
}

/** Since when, without a break, a strict majority has been sound up to `to`; `to` itself if it is not. */
function clearSince (bad, to, bads, daemons, settling) {
  let since = to
  for (let at = to; at >= bad.from; at -= STEP) {
    if (!isMajoritySound(at, bads, daemons, settling)) break
    since = at
  }
  return Math.max(since, bad.from)
}

function isMajoritySound (at, bads, daemons, settling) {
  const sound = daemons.filter(daemon => !bads.some(each => each.daemon === daemon && each.from <= at && each.to >= at - settling))
  return 2 * sound.length > daemons.length
}

function latenessIn (stalls, from, to) {
  return stalls.filter(({ at, late }) => at > from && at - late < to).reduce((sum, { late }) => sum + late, 0)
}

module.exports = { overstays }
