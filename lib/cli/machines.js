'use strict'

const dns = require('dns')
const os = require('os')

const { isSame } = require('../name')

/** Where the RPC of daemons is when nobody chose a port: TurtleCoind, monerod, and monerod's restricted one. */
const USUAL_PORTS = [11898, 18081, 18089]

/** The address of each host, or null where it has none. */
function addressesOf (hosts) {
  return Promise.all(hosts.map(host => new Promise(resolve => {
    dns.lookup(host, (error, address) => resolve(error ? null : address))
  })))
}

/** Whether an address is one of this machine's own. */
function isHere (address) {
  const own = Object.values(os.networkInterfaces()).reduce((all, list) => all.concat(list), []).map(({ address }) => address)
  return address !== null && (/^127\./.test(address) || own.includes(address))
}

/** Where on this machine there may be a daemon that the configuration does not know. */
function unlistedPlaces (daemons, addresses) {
  const here = daemons.filter((daemon, index) => isHere(addresses[index])).map(({ port }) => ({ host: '127.0.0.1', port }))
  const ports = new Set(USUAL_PORTS.concat(daemons.map(({ port }) => port)))
  return Array.from(ports, port => ({ host: '127.0.0.1', port })).filter(place => !here.some(daemon => isSame(daemon, place)))
}

/** Daemons by machine, those machines that have several: `{ address, daemons }`. */
function shared (daemons, addresses) {
  const machines = new Map()
  daemons.forEach((daemon, index) => {
    const address = addresses[index]
    if (address !== null) machines.set(address, (machines.get(address) || []).concat(daemon))
  })
  return Array.from(machines, ([address, daemons]) => ({ address, daemons })).filter(({ daemons }) => daemons.length > 1)
}

module.exports = { addressesOf, isHere, shared, unlistedPlaces }
