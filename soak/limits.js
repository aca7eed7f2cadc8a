'use strict'

const { ACT, LONGEST_ILL } = require('./plan')

/** From a failed try to the one that follows it in the same poll. */
const SECOND_TRY_AFTER = 250
/** What a process may take to be given its turn, where it measured no delay of its own. */
const TURN = 1000

/**
 * How long a bad daemon may stay the answer in mode `multi`, in milliseconds, by what is wrong with it. It follows from
 * the configuration alone.
 *
 * - `dead`, so that every poll fails: the first poll that meets it begins an interval later at most; a poll has two tries.
 * - `astray`, so that its blocks are wrong: judged where rounds end, and forks at the end of two in a row. A round ends
 *   with its slowest poll, and the one under way does not count.
 */
function limitsOf ({ pollingInterval, timeout, maxPollingFailures }) {
  const poll = 2 * timeout + SECOND_TRY_AFTER
  const polls = Math.ceil(maxPollingFailures / 2)
  return {
    dead: pollingInterval + poll + (polls - 1) * Math.max(pollingInterval, poll) + TURN,
    astray: 3 * (pollingInterval + poll) + TURN
  }
}

/** How often a machine that is busy with other things may need another try of what comes by itself. */
const TRIES = 10

/**
 * How long it may take until all daemons are healthy again after all that was wrong with them has ended: so many good polls
 * in a row, after the one under way and with time for grace.
 */
function recoveryOf ({ pollingInterval, timeout, recoveryPolls, devianceGrace }) {
  return TRIES * (2 * timeout + SECOND_TRY_AFTER + (recoveryPolls + 2) * (pollingInterval + timeout) + devianceGrace + TURN)
}

/** The longest that a plan has a process stand still. */
const STANDSTILL = 1500

/**
 * How long a request that is no block may take. What nobody knows is asked of one daemon, and all daemons may hang: then it ends with
 * the act, when all of them are well again, and the process may just stand still.
 */
const REQUEST = ACT + LONGEST_ILL + STANDSTILL + TURN

module.exports = { REQUEST, limitsOf, recoveryOf }
