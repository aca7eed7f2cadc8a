'use strict'

const clock = require('../clock')
const { isSame, nameOf } = require('../name')
const { spell } = require('../words')

const SYSTEM = 'multiDaemon'

/** Says in the pool's log what changed, and nothing while nothing changes. */
class Log {
  constructor (write = toStderr) {
    this.write = write
    this.said = new Set()
    this.fails = false
    /** Of each daemon that is not healthy: its state, in words too, whether it only gives no work, since when it has not been healthy, whether it ever was, and whether its state changed since. */
    this.ill = new Map()
  }

  info (text) {
    this.line('info', text)
  }

  warn (text) {
    this.line('warn', text)
  }

  error (text) {
    this.line('error', text)
  }

  /** Once in the life of the process. */
  once (text, severity = 'warn') {
    if (this.said.has(text)) return
    this.said.add(text)
    this.line(severity, text)
  }

  hear (changes) {
    for (const change of changes) this.change(change)
  }

  change (change) {
    switch (change.event) {
      case 'switch': return this.warn(change.switch.reason)
      case 'daemon': return this.daemon(change.daemon, change.before)
      case 'drain': return this.drain(change.daemon)
      case 'pin': return this.pin(change.pin, change.before)
      case 'mode': return this.mode(change.mode, change.status)
      case 'ready': return this.ready(change.status)
      case 'hold': return this.hold(change)
      case 'submitted': return this.submitted(change.block)
      case 'lost': return this.lost(change.block)
      case 'gateway': return this.gateway(change.gateway)
    }
  }

  daemon (daemon, before) {
    const name = nameOf(daemon)
    const known = this.ill.get(name)
    // Of one that left the configuration and came back, what was known counts no more.
    const earlier = known && known.state === before ? known : null
    if (daemon.state === 'healthy') return this.healthy(name, earlier)
    const { since, relapse } = earlier || { since: clock.now(), relapse: before === 'healthy' }
    const what = conditionOf(daemon)
    this.ill.set(name, { state: daemon.state, what, workless: lacksWork(daemon), since, relapse, changed: Boolean(earlier) })
    this.warn(`${name} is ${what}${earlier ? `; before that, it was ${earlier.what}` : ''}`)
  }

  healthy (name, earlier) {
    this.ill.delete(name)
    if (!earlier) return this.info(`${name} is healthy`)
    const { what, workless, since, relapse, changed } = earlier
    // Where nobody gives work any more, nobody is at fault for that: it may be as before.
    this.info(`${name} ${workless ? 'counts as' : 'is'} healthy${relapse ? ' again' : ''} after ${spell(clock.now() - since)}; ${changed ? 'at last ' : ''}it was ${what}`)
  }

  /** Told only where the state does not tell it. */
  drain (daemon) {
    this.info(`${nameOf(daemon)} ${daemon.drained ? 'drained' : 'no longer drained'}; still ${daemon.state}`)
  }

  pin (pin, before) {
    if (pin) this.warn(`pinned to ${nameOf(pin.daemon)} until ${new Date(pin.until).toISOString()}`)
    else this.info(`the pin to ${nameOf(before.daemon)} is over`)
  }

  mode (mode, status) {
    // Switched off, which has a line of its own, there is nothing to count.
    if (!status.enabled) return
    const count = `${status.healthy} of ${status.daemons.length} daemons healthy`
    // Those that only give no work count too.
    const workless = status.daemons.filter(lacksWork).length
    if (mode === 'multi') this.info(`mode multi: ${count}${workless > 0 ? `, and ${workless} that only give no work` : ''}`)
    else this.error(`mode single: ${count}, too few to compare; using ${nameOf(status.current)}`)
  }

  /** It begins in mode single, so that to stay there is no change. */
  ready (status) {
    if (status.mode === 'single') this.mode('single', status)
  }

  hold ({ hold, status }) {
    if (hold) this.warn(`hold: ${causeOfHold(status)}; do not mark blocks as orphaned now`)
    else this.info('hold is over')
  }

  submitted (block) {
    const { height, told, late } = block
    const name = height === null ? 'a block' : `the block at ${height}`
    if (told === 'accepted') this.info(`${name} was accepted${evidenceOf(block)}`)
    else if (late) this.warn(`${name} was refused, because it came too late: another block has its place in the chain`)
    else if (told === 'refused') this.warn(`${name} was refused: no daemon accepts it`)
    else this.error(`it is not known whether ${name} was accepted`)
  }

  lost ({ height }) {
    this.error(`the block at ${height} was accepted, but another block has its place in the chain now`)
  }

  gateway (gateway) {
    if (gateway) this.info(`requests go through the gateway at ${nameOf(gateway)}`)
    else this.warn('there is no gateway: the pool asks the daemon in use directly')
  }

  /** The pools' loggers change the list they are given, so each line gets a list of its own; `%s` keeps a % in the text. */
  line (severity, text) {
    try {
      this.write(severity, SYSTEM, '%s', [text])
    } catch (error) {
      this.failed(error)
      toStderr(severity, SYSTEM, '%s', [text])
    }
  }

  /** A log that cannot be written, its disk being full, say, must not end the pool. */
  failed (error) {
    if (this.fails) return
    this.fails = true
    toStderr('warn', SYSTEM, '%s', [`the pool's logger throws an error, so these lines go to stderr: ${error && error.message}`])
  }
}

function toStderr (severity, system, text, data) {
  process.stderr.write(`${new Date().toISOString()} [${system}] ${severity}: ${data[0]}\n`)
}

function lacksWork ({ reason }) {
  return Boolean(reason) && reason.code === 'no-work'
}

/** What a daemon that is not healthy is. */
function conditionOf ({ state, reason }) {
  if (!reason) return state === 'unknown' ? 'not judged yet' : state
  return `${state}: ${reason.message}`
}

/** By what an accepted block is known to be accepted. */
function evidenceOf ({ by, seen }) {
  if (by) return ` by ${nameOf(by)}`
  return seen > 0 ? `: it is in the chain of ${seen} of the daemons` : ': it cannot be looked up, but the chain has grown, and another daemon refuses it'
}

/** The daemon in use may be cut off from the network together with daemons that agree with it. */
function causeOfHold ({ current, daemons }) {
  const { reason } = daemons.find(daemon => isSame(daemon, current)) || { reason: null }
  return reason && reason.code === 'isolated' ? `${nameOf(current)} may be cut off from the network (isolated)` : 'the daemons disagree'
}

module.exports = Log
