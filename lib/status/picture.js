'use strict'

const { troubleOf } = require('../unheard')
const { isSame, nameOf } = require('../name')
const { adviceFor, wordsFor } = require('../reasons')

/** Latencies that are kept of each daemon. */
const KEPT_LATENCIES = 60
/** Digits of a hash that are shown; two blocks of one height do not share so many by chance. */
const SHOWN_DIGITS = 16

/** What the page shows of one moment, and a little of the moments before. */
class Picture {
  /** `figures()` gives what native code counts, or null. */
  constructor (multiDaemon, { takesOrders, figures }) {
    this.multiDaemon = multiDaemon
    this.takesOrders = takesOrders
    this.figures = figures
    this.polls = 0
    this.latencies = new Map()
  }

  /** Takes note of what no change tells; says whether there has been a poll since. */
  look ({ polls, daemons }) {
    if (polls === this.polls) return false
    this.polls = polls
    const names = daemons.map(nameOf)
    for (const name of this.latencies.keys()) if (!names.includes(name)) this.latencies.delete(name)
    for (const daemon of daemons) this.noteLatency(daemon)
    return true
  }

  noteLatency (daemon) {
    const { lastSeen, latency, consecutiveFailures } = daemon
    const name = nameOf(daemon)
    const known = this.latencies.get(name) || { lastSeen: null, values: [] }
    if (lastSeen === known.lastSeen && consecutiveFailures === 0) return
    const values = known.values.concat(consecutiveFailures === 0 ? latency : null).slice(-KEPT_LATENCIES)
    this.latencies.set(name, { lastSeen, values })
  }

  /** The status and what belongs to it; `switches` are in the history. */
  shown () {
    const status = this.multiDaemon.getStatus()
    const figures = this.figures()
    const { votes, headAge, blockTarget, minHealthy } = figures || {}
    const now = Date.now()
    return Object.assign({}, status, {
      now,
      takesOrders: this.takesOrders,
      votes,
      headAge,
      blockTarget,
      minHealthy,
      switches: undefined,
      current: named(status.current),
      gateway: status.gateway && named(status.gateway),
      processes: status.processes && status.processes.map(process => Object.assign({}, process, { trouble: troubleOf(process, now) })),
      blocks: status.blocks.map(block => Object.assign({}, block, { by: block.by && named(block.by) })),
      hosts: status.hosts && status.hosts.map(host => Object.assign({}, host, { current: named(host.current) })),
      daemons: status.daemons.map((daemon, index) => this.daemon(daemon, status, figures && figures.daemons[index]))
    })
  }

  daemon (daemon, { current }, figures) {
    const name = nameOf(daemon)
    const { values } = this.latencies.get(name) || { values: [] }
    return Object.assign({}, daemon, {
      name,
      inUse: isSame(daemon, current),
      trouble: wordsFor(daemon),
      advice: daemon.reason ? adviceFor(daemon) : null,
      latencies: values,
      top: figures ? figures.top : null,
      blocks: figures ? figures.blocks.map(hash => hash.slice(0, SHOWN_DIGITS)) : []
    })
  }
}

/** The page calls daemons what everybody else does. */
function named (daemon) {
  return Object.assign({}, daemon, { name: nameOf(daemon) })
}

module.exports = Picture
