'use strict'

const clock = require('../clock')
const { nameOf } = require('../name')

/** Milliseconds of history that are kept. */
const KEPT = 24 * 3600 * 1000
/** The latest of all switches, of all changes of the mode, and of all daemons' states together: memory has an end, also on a wild night. */
const MOST_SWITCHES = 200
const MOST_MODES = 400
const MOST_STATES = 2000
/** Characters of a reason that are kept. */
const LONGEST_MESSAGE = 120

/**
 * What happened in the last 24 hours, as far as this process saw it: for each daemon its states, `[since, state, code,
 * message]`, the modes, `[since, mode, hold]`, and the switches, `[since, switch]`.
 *
 * Times are kept by the clock that only goes forward, and told as times of day: what was an hour ago stays so when that is set.
 */
class History {
  constructor (status, now = clock.now(), day = Date.now()) {
    this.start = now
    this.daemons = new Map()
    this.modes = [[now, status.mode, status.hold]]
    this.switches = status.switches.map(event => [now - Math.max(0, day - event.at), event])
    for (const daemon of status.daemons) this.noteDaemon(daemon, now)
  }

  /** Takes in what changed; tells whether any of it is history. */
  note (changes, now = clock.now()) {
    let noted = 0
    for (const change of changes) noted += this.noteChange(change, now)
    if (noted > 0) this.forget(now)
    return noted > 0
  }

  noteChange (change, now) {
    switch (change.event) {
      case 'daemon': return this.noteDaemon(change.daemon, now)
      case 'mode':
      case 'hold': return this.noteMode(change.status, now)
      case 'switch': return this.switches.push([now, change.switch])
      default: return 0
    }
  }

  noteDaemon (daemon, now) {
    const { state, reason } = daemon
    const name = nameOf(daemon)
    if (!this.daemons.has(name)) this.daemons.set(name, [])
    const code = reason ? reason.code : null
    return this.daemons.get(name).push([now, state, code, reason ? reason.message.slice(0, LONGEST_MESSAGE) : null])
  }

  noteMode ({ mode, hold }, now) {
    const [, lastMode, lastHold] = this.modes[this.modes.length - 1]
    return mode === lastMode && hold === lastHold ? 0 : this.modes.push([now, mode, hold])
  }

  /** The configuration may have changed: forgets daemons that left it, and begins to remember new ones. */
  watch (daemons, now = clock.now()) {
    const names = daemons.map(nameOf)
    for (const name of this.daemons.keys()) if (!names.includes(name)) this.daemons.delete(name)
    daemons.forEach((daemon, index) => { if (!this.daemons.has(names[index])) this.noteDaemon(daemon, now) })
  }

  /** What ended too long ago, and of what is too much the oldest. */
  forget (now) {
    const most = Math.max(10, Math.floor(MOST_STATES / this.daemons.size))
    for (const [name, states] of this.daemons) this.daemons.set(name, latest(states, now, most))
    this.modes = latest(this.modes, now, MOST_MODES)
    this.switches = this.switches.filter(([since]) => since > now - KEPT).slice(-MOST_SWITCHES)
  }

  /** All of it, as it is sent; `day` is the time of day now. */
  shown (now = clock.now(), day = Date.now()) {
    this.forget(now)
    const timeOf = since => Math.round(day - (now - since))
    const told = spans => spans.map(([since, ...rest]) => [timeOf(since), ...rest])
    const daemons = {}
    for (const [name, states] of this.daemons) daemons[name] = told(states)
    const switches = this.switches.map(([since, event]) => Object.assign({}, event, { at: timeOf(since) }))
    return { start: timeOf(Math.max(this.start, now - KEPT)), daemons, modes: told(this.modes), switches }
  }
}

/** A state lasts until the next one begins. */
function latest (spans, now, most) {
  const lasting = spans.filter((span, index) => index === spans.length - 1 || spans[index + 1][0] > now - KEPT)
  return lasting.slice(-most)
}

module.exports = History
