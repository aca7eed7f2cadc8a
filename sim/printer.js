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
  template (height, daemon, good) {
    if (!good) this.#line(`a template for height ${height}, which the network has left behind; ${this.#name(daemon)} is in use`)
  }

  miss (error, daemon) {
    this.#line(`no template: ${error.message}; ${this.#name(daemon)} is in use`)
  }

  block ({ height, told, by, seen }) {
    this.#line(this.paint('bold', `block ${height}: ${told}${by ? `, taken by ${this.#name(by)}` : ''}, seen in ${seen} chain${seen === 1 ? '' : 's'}`))
  }

  status (status) {
    const lines = daemonLines(status, daemon => this.#name(daemon)).map(({ style, text }) => `    ${this.paint(style, text)}`)
    this.out.write(`\n${lines.join('\n')}\n    ${summaryOf(status)}\n\n`)
  }

  summary ({ templates, bad, misses, longestGap, switches, blocks }) {
    const others = [bad && `${bad} from a chain left behind`, misses && `${misses} failed`].filter(Boolean)
    this.#line(`the end: ${counted(templates, 'good template')}${others.length ? ` (and ${others.join(', ')})` : ''}, ` +
      `longest gap between them ${(longestGap / 1000).toFixed(1)} s, ${counted(switches, 'switch', 'es')}, ` +
      `${counted(blocks.found, 'block')} found, ${blocks.lost} lost`)
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

/** A number of things. */
function counted (number, what, plural = 's') {
  return `${number} ${what}${number === 1 ? '' : plural}`
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

  template (height, daemon, good) {
    this.#line({ event: 'template', height, daemon: nameOf(daemon), good })
  }

  miss (error, daemon) {
    this.#line({ event: 'miss', error: error.message, daemon: nameOf(daemon) })
  }

  block (block) {
    this.#line({ event: 'block', ...block })
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
