'use strict'

const { isSame, nameOf } = require('../name')

/** A pin that somebody forgets ends within a month. */
const LONGEST_PIN = 30 * 24 * 3600 * 1000

/** An order that was not carried out; nothing has changed. */
class OrderError extends Error {
  constructor (name, message) {
    super(message)
    this.code = `ERR_MULTI_DAEMON_${name}`
  }
}

/** Takes a daemon out of use, or back into it. */
function drain (source, host, port, drained) {
  const order = drained ? 'drain' : 'undrain'
  refuseWhenOff(source, order)
  source.drain(find(source, order, host, port), drained)
}

/** Uses a daemon for so many milliseconds, whatever is held of it. */
function pin (source, host, port, milliseconds) {
  refuseWhenOff(source, 'pin')
  const daemon = find(source, 'pin', host, port)
  if (!(Number.isInteger(milliseconds) && milliseconds >= 1 && milliseconds <= LONGEST_PIN)) {
    throw new OrderError('ARGUMENT', `pin: milliseconds: ${show(milliseconds)} is not a whole number of milliseconds from 1 to ${LONGEST_PIN} (30 days)`)
  }
  source.pin(daemon, milliseconds)
}

/** Goes on with another configuration; gives the source that has it, which may be another one. */
function reconfigure (source, config, sourceOf) {
  refuseWhenStopped(source, 'reconfigure')
  return source.reconfigure(config, sourceOf)
}

/** Ends the pin, if there is one. */
function unpin (source) {
  refuseWhenOff(source, 'unpin')
  source.unpin()
}

function refuseWhenOff (source, order) {
  refuseWhenStopped(source, order)
  if (!source.watches) throw orderWhileOff(order)
}

/** What an order comes to where nothing is watched. */
function orderWhileOff (order) {
  return new OrderError('DISABLED', `${order}: multiDaemon.enabled is not true, so there is only the primary`)
}

function refuseWhenStopped ({ stopped }, order) {
  if (stopped) throw new OrderError('STOPPED', `${order}: called after stop()`)
}

/** The daemon that is meant, as it stands in the snapshot; hosts and ports may be written in any way that a configuration takes. */
function find (source, order, host, port) {
  if (typeof host !== 'string') throw new OrderError('ARGUMENT', `${order}: host: ${show(host)} is not a host name or an address`)
  if (!isPort(port)) throw new OrderError('ARGUMENT', `${order}: port: ${show(port)} is not a port from 1 to 65535`)
  const { daemons } = source.status()
  const wanted = { host: host.toLowerCase().replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
  const daemon = daemons.find(daemon => isSame(daemon, wanted))
  if (daemon) return { host: daemon.host, port: daemon.port }
  const known = daemons.map(nameOf).join(', ')
  throw new OrderError('ARGUMENT', `${order}: no daemon has host ${show(host)} and port ${show(port)}; there are ${known || 'none'}`)
}

/** As in a configuration: a string of digits is taken too. */
function isPort (port) {
  const isWritten = typeof port === 'number' || (typeof port === 'string' && /^\d+$/.test(port))
  return isWritten && Number.isInteger(Number(port)) && Number(port) >= 1 && Number(port) <= 65535
}

function show (value) {
  const text = textOf(value)
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
}

function textOf (value) {
  if (typeof value === 'number') return String(value)
  try {
    return String(JSON.stringify(value))
  } catch (error) {
    return typeof value
  }
}

/** Characters of a value that an error repeats. */
const LONGEST_SHOWN = 100

module.exports = { OrderError, drain, orderWhileOff, pin, reconfigure, unpin }
