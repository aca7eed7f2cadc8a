'use strict'

const { isSame, nameOf } = require('../name')

const TITLES = ['', 'daemon', 'state', 'height', 'lag', 'peers', 'latency', 'version', 'reason']

/**
 * The daemons of a status as lines of one width a column, the titles first, and how to paint each: `{ style, text }`.
 * @param {object} status
 * @param {(daemon: object) => string} [name]  what to call a daemon
 */
function daemonLines (status, name = nameOf) {
  const rows = status.daemons.map(daemon => cellsOf(daemon, status, name))
  const widths = TITLES.map((title, column) => Math.max.apply(null, [title].concat(rows.map(cells => cells[column])).map(({ length }) => length)))
  const line = cells => cells.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()
  return [{ style: 'bold', text: line(TITLES) }].concat(rows.map((cells, index) => ({ style: status.daemons[index].state, text: line(cells) })))
}

function cellsOf (daemon, { current }, name) {
  const { state, height, lag, version, reason } = daemon
  return [
    isSame(daemon, current) ? '*' : '', name(daemon), state, show(height), show(lag), peersOf(daemon),
    latencyOf(daemon), show(version), reason ? reason.message : ''
  ]
}

/** The duration of its last poll. */
function latencyOf ({ latency }) {
  if (latency === null) return '-'
  return `${latency < 10 ? latency.toFixed(1) : Math.round(latency)} ms`
}

/** Those that dialled the daemon, and those that it dialled. */
function peersOf ({ incoming, outgoing }) {
  return incoming === null && outgoing === null ? '-' : `${show(incoming)}+${show(outgoing)}`
}

function show (value) {
  return value === null || value === undefined ? '-' : String(value)
}

/** What holds for all daemons together, in one line. */
function summaryOf ({ mode, healthy, daemons, quorum, hold }) {
  const rest = [mode === 'multi' && !quorum && 'no quorum', hold && 'hold'].filter(Boolean).map(text => `, ${text}`).join('')
  return `mode ${mode}, ${healthy} of ${daemons.length} healthy${rest}; * is in use`
}

module.exports = { daemonLines, latencyOf, summaryOf }
