'use strict'

/** A daemon with one of these is on another chain, or could not take a block at all. */
const NOT_FOR_BLOCKS = ['forked', 'wrong-network', 'no-json-rpc', 'invalid-reply']

/** Whom a request of the pool's may go to, as far as the last snapshot tells. */
class View {
  constructor (multiDaemon) {
    this.multiDaemon = multiDaemon
  }

  /** The daemon in use. */
  current () {
    return this.multiDaemon.getDaemon()
  }

  mode () {
    return this.multiDaemon.getStatus().mode
  }

  /** Those that a read may go to: the one in use, then healthy ones, those on the head or above it first. */
  good () {
    const healthy = this.multiDaemon.getStatus().daemons.filter(({ state }) => state === 'healthy')
    const onHead = healthy.filter(({ lag }) => lag <= 0)
    const behind = healthy.filter(({ lag }) => lag > 0)
    return unique([this.current()].concat(onHead, behind))
  }

  /**
   * Those that a found block goes to: all that answer and are not on another chain. In single mode the primary in any
   * case, and those that do not answer: who is left may be the one on another chain, and its refusal not the last word.
   */
  submitTargets () {
    const { mode, primary, daemons } = this.multiDaemon.getStatus()
    const isSingle = mode === 'single'
    const takers = daemons.filter(({ state, reason }) => state === 'unresponsive' ? isSingle : !(reason && NOT_FOR_BLOCKS.includes(reason.code)))
    return unique([this.current()].concat(isSingle ? primary : [], takers))
  }

  /** A request to this daemon failed: look at it now. */
  suspect ({ host, port }) {
    this.multiDaemon._source.suspect(host, port)
  }

  stopped () {
    return this.multiDaemon._source.stopped === true
  }
}

function unique (daemons) {
  const names = new Set()
  return daemons.filter(({ host, port }) => {
    const name = `${host}:${port}`
    return !names.has(name) && names.add(name)
  }).map(({ host, port, tls }) => ({ host, port, tls }))
}

module.exports = View
