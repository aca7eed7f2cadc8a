'use strict'

const { blockOf, mistakesForPoolRequests } = require('../config')
const { nameOf } = require('../name')
const { optionOf } = require('../options')
const { adviceFor } = require('../reasons')

const DAY = 86400000
/** A certificate that ends within so many milliseconds should be renewed now. */
const SOON = 14 * DAY

/**
 * What is to be fixed (`problems`), and what an operator may have meant all the same (`advice`): each as `{ what, fix }`, two sentences without
 * an end.
 * @param {object} seen
 * @param {object} seen.config  the pool's
 * @param {object} seen.status
 * @param {string[]} [seen.notes]  those of the status's warnings that are about the configuration as it is written
 * @param {Array<{ certificate: object | null, otherwise: boolean }>} seen.protocols  of each daemon
 * @param {Array<{ address: string, daemons: object[] }>} seen.machines  those with several daemons
 * @param {{ attached: boolean } | null} [seen.edits]  of the pool's sources, where they are beside the configuration
 * @param {object[]} [seen.gateways]  daemons of the configuration that are gateways of this addon
 * @param {object[]} seen.unlisted  daemons on this machine that are not in the configuration
 * @param {number} now  milliseconds since 1970
 */
function findings (seen, now) {
  const problems = problemsOf(seen, now)
  return { problems: problems.length > 0 ? problems : tooFew(seen), advice: adviceOf(seen) }
}

function problemsOf ({ config, status, notes = [], protocols, gateways = [], edits = null }, now) {
  return [].concat(
    status.warnings.filter(what => !notes.includes(what)).map(ofWarning),
    mistakesForPoolRequests(config).map(what => ({ what, fix: 'leave out "gateway": false' })),
    edits && !edits.attached ? { what: 'the pool\'s init.js lacks the line that attaches the addon', fix: 'the command edits shows it, and adds it with --write' } : [],
    ...status.daemons.map((daemon, index) => [].concat(daemon.drained ? [] : ofState(daemon, protocols[index]), ofCertificate(daemon, protocols[index], now))),
    gateways.map(gateway => ({ what: `${nameOf(gateway)} is a gateway of this addon, and no daemon`, fix: 'put the address of a daemon in its place: a gateway gives another daemon\'s answers, and so has a second vote for it' }))
  )
}

function adviceOf ({ config, status, notes = [], protocols, machines, unlisted }) {
  const block = blockOf(config)
  return [].concat(
    status.warnings.filter(what => notes.includes(what)).map(ofWarning),
    ...status.daemons.map((daemon, index) => [].concat(daemon.drained ? ofState(daemon, protocols[index]) : [], ofLatency(daemon, block))),
    machines.map(machine => ofMachine(machine, status, block)).filter(Boolean),
    unlisted.map(daemon => ofUnlisted(daemon, machines, status))
  )
}

function ofWarning (what) {
  return { what, fix: 'change this in the configuration' }
}

/** With nothing wrong, the daemons may still be too few: the pool then has what it would have without the addon. */
function tooFew ({ config, status: { mode, healthy, daemons } }) {
  if (mode !== 'single') return []
  const needed = optionOf(blockOf(config), 'minHealthy')
  return [{ what: `the mode is single: of ${daemons.length} daemons ${healthy} are healthy, and minHealthy is ${needed}`, fix: 'add daemons, or undrain those that are drained' }]
}

function ofState (daemon, { otherwise }) {
  const name = nameOf(daemon)
  const { code, message } = daemon.reason || { code: null, message: 'not judged yet' }
  if (otherwise) {
    const [is, should] = daemon.tls ? ['http', 'false'] : ['https', 'true']
    return [{ what: `${name} is asked over ${daemon.tls ? 'https' : 'http'}, but speaks ${is}`, fix: `set "tls": ${should} in its entry` }]
  }
  if (daemon.state === 'healthy' || code === 'draining') return []
  return [{ what: `${name} is ${daemon.state}: ${message}`, fix: adviceFor(daemon) }]
}

function ofLatency (daemon, block) {
  const timeout = optionOf(block, 'timeout')
  if (!(daemon.latency > timeout / 2)) return []
  return [{ what: `${nameOf(daemon)} takes ${Math.round(daemon.latency)} ms for a poll, with a time limit of ${timeout} ms`, fix: 'use a daemon that is nearer, or raise timeout' }]
}

function ofCertificate (daemon, { certificate }, now) {
  if (!certificate || certificate.until === null || certificate.until - now >= SOON) return []
  return [{ what: `the certificate of ${nameOf(daemon)} ends on ${dayOf(certificate.until)}`, fix: 'renew it' }]
}

/** A machine whose end would be the end of the protection. */
function ofMachine ({ address, daemons }, status, block) {
  const all = status.daemons.length
  if (all - daemons.length >= optionOf(block, 'minHealthy')) return null
  const names = daemons.map(nameOf).join(', ')
  return {
    what: `${daemons.length} of ${all} daemons are on one machine, ${address}: ${names}; when it fails, too few are left to compare`,
    fix: 'use daemons on other machines'
  }
}

function ofUnlisted (daemon, machines, { daemons }) {
  const here = daemons.find(({ host }) => /^127\.|^localhost$|^::1$/.test(host))
  const entry = `{ "host": "${daemon.host}", "port": ${daemon.port}${here ? ', "drain": true' : ''} }`
  const why = here ? `; drained, because it would fail together with ${nameOf(here)} and so should not have its own vote` : ''
  return { what: `a daemon of this network answers at ${nameOf(daemon)}, and is not in the list`, fix: `add ${entry} to multiDaemon.daemons${why}` }
}

function dayOf (time) {
  return new Date(time).toISOString().slice(0, 10)
}

module.exports = { dayOf, findings }
