'use strict'

const STATE_COLOURS = { healthy: 32, unhealthy: 33, unresponsive: 31, unknown: 90 }
const BOLD = 1
const CYAN = 36

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
    // https://no-color.org: any value but the empty one.
    this.coloured = Boolean(out.isTTY) && !process.env.NO_COLOR
    this.start = performance.now()
  }

  note (text) {
    this.#line(text)
  }

  fault (text) {
    this.#line(this.#paint(CYAN, `>>> ${text}`))
  }

  switch ({ from, to, code, reason }) {
    this.#line(this.#paint(BOLD, `switch: ${this.#name(from)} -> ${this.#name(to)}  [${code}] ${reason}`))
  }

  daemon (daemon, before) {
    const why = daemon.reason ? `: ${daemon.reason.message}` : ''
    this.#line(`${this.#name(daemon)} was ${before}, is ${this.#paint(STATE_COLOURS[daemon.state], daemon.state)}${why}`)
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

  status ({ current, daemons, mode, healthy, hold }) {
    const rows = daemons.map(daemon => ({ daemon, cells: [
      sameEndpoint(daemon, current) ? '*' : '', this.#name(daemon), daemon.state, show(daemon.height), show(daemon.lag),
      daemon.reason ? daemon.reason.message : ''
    ] }))
    const titles = ['', 'daemon', 'state', 'height', 'lag', 'reason']
    const widths = titles.map((title, column) => Math.max(title.length, ...rows.map(({ cells }) => cells[column].length)))
    const line = cells => '    ' + cells.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()
    const table = rows.map(({ daemon, cells }) => this.#paint(STATE_COLOURS[daemon.state], line(cells)))
    this.out.write(`\n${[this.#paint(BOLD, line(titles)), ...table].join('\n')}\n`)
    this.out.write(`    mode ${mode}, ${healthy} of ${daemons.length} healthy${hold ? ', hold' : ''}; * is in use\n\n`)
  }

  summary ({ templates, bad, misses, longestGap, switches, what }) {
    const others = [bad && `${bad} from a chain left behind`, misses && `${misses} failed`].filter(Boolean)
    this.#line(`the end: ${templates} good ${what}s${others.length ? ` (and ${others.join(', ')})` : ''}, ` +
      `longest gap between them ${(longestGap / 1000).toFixed(1)} s, ${switches} switch${switches === 1 ? '' : 'es'}`)
  }

  #name ({ host, port }) {
    const address = addressOf({ host, port })
    const name = this.names.get(address)
    return name ? `${name} ${address}` : address
  }

  #line (text) {
    const seconds = ((performance.now() - this.start) / 1000).toFixed(1)
    this.out.write(`${seconds.padStart(6)} s  ${text}\n`)
  }

  #paint (colour, text) {
    return this.coloured && colour ? `\x1b[${colour}m${text}\x1b[0m` : text
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
    this.#line({ event: result.block_header ? 'header' : 'template', height, daemon: addressOf(daemon), good })
  }

  miss (error, daemon) {
    this.#line({ event: 'miss', error: error.message, daemon: addressOf(daemon) })
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

const show = value => value === null || value === undefined ? '-' : String(value)

const sameEndpoint = (a, b) => a.host === b.host && a.port === b.port

function addressOf ({ host, port }) {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

module.exports = { JsonPrinter, TextPrinter }
