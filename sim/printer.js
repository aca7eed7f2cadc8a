'use strict'

const { paintFor } = require('../lib/cli/paint')
const { daemonLines, summaryOf } = require('../lib/cli/table')
const { nameOf } = require('../lib/name')

/**
 * What happens, for people: a line for each event, and a table of the daemons.
 * @typedef {object} Printer
 */
class TextPrinter {
  /** Milliseconds between two tables. */
  statusInterval = 5000

  /**
   * @param {NodeJS.WriteStream} out
   * @param {Map<string, string>} names  of daemons by 'host:port'
   */
  constructor (out, names = new Map()) {
    this.out = out
    this.names = names
    this.paint = paintFor(out)
    this.start = performance.now()
  }

  note (text) {
    this.#line(text)
  }

  fault (text) {
    this.#line(this.paint('cyan', `>>> ${text}`))
  }

  switch ({ from, to, code, reason }) {
    this.#line(this.paint('bold', `switch: ${this.#name(from)} -> ${this.#name(to)}  [${code}] ${reason}`))
  }

  daemon (daemon, before) {
    const why = daemon.reason ? `: ${daemon.reason.message}` : ''
    this.#line(`${this.#name(daemon)} was ${before}, is ${this.paint(daemon.state, daemon.state)}${why}`)
  }

  mode (mode) {
    this.#line(mode === 'multi' ? 'mode multi: enough daemons are healthy' : 'mode single: too few daemons are healthy')
  }

  /** Templates come every second; only what goes wrong with them is news to a person. */
  template (result, height, daemon, good) {
    if (!good) this.#line(`template from ${this.#name(daemon)} for height ${height}, which the network has left behind`)
  }

  miss (error, daemon) {
    this.#line(`no template from ${this.#name(daemon)}: ${error.message}`)
  }

  status (status) {
    const lines = daemonLines(status, daemon => this.#name(daemon)).map(({ style, text }) => `    ${this.paint(style, text)}`)
    this.out.write(`\n${lines.join('\n')}\n    ${summaryOf(status)}\n\n`)
  }

  summary ({ templates, bad, misses, longestGap, switches, what }) {
    const others = [bad && `${bad} from a chain left behind`, misses && `${misses} failed`].filter(Boolean)
    this.#line(`the end: ${templates} good ${what}s${others.length ? ` (and ${others.join(', ')})` : ''}, ` +
      `longest gap between them ${(longestGap / 1000).toFixed(1)} s, ${switches} switch${switches === 1 ? '' : 'es'}`)
  }

  #name ({ host, port }) {
    const address = nameOf({ host, port })
    const name = this.names.get(address)
    return name ? `${name} ${address}` : address
  }

  #line (text) {
    const seconds = ((performance.now() - this.start) / 1000).toFixed(1)
    this.out.write(`${seconds.padStart(6)} s  ${text}\n`)
  }
}

/** The same for programs: one JSON object a line. */
class JsonPrinter {
  statusInterval = 3000

  constructor (out) {
    this.out = out
  }

  note (text) {
    this.#line({ event: 'note', text })
  }

  fault (text) {
    this.#line({ event: 'fault', text })
  }

  switch (event) {
    this.#line({ event: 'switch', ...event })
  }

  daemon (daemon, before) {
    this.#line({ event: 'daemon', ...daemon, before })
  }

  mode (mode) {
    this.#line({ event: 'mode', mode })
  }

  template (result, height, daemon, good) {
    this.#line({ event: result.block_header ? 'header' : 'template', height, daemon: nameOf(daemon), good })
  }

  miss (error, daemon) {
    this.#line({ event: 'miss', error: error.message, daemon: nameOf(daemon) })
  }

  status (status) {
    this.#line({ event: 'status', ...status })
  }

  summary (summary) {
    this.#line({ event: 'summary', ...summary })
  }

  #line (value) {
    this.out.write(`${JSON.stringify(value)}\n`)
  }
}

module.exports = { JsonPrinter, TextPrinter }
