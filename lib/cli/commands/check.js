'use strict'

const path = require('path')

const { missingIn } = require('../edits/missing')
const { findings, dayOf } = require('../findings')
const { gatewaysAmong } = require('../gateways')
const { loginOf } = require('../logins')
const look = require('../look')
const { addressesOf, shared, unlistedPlaces } = require('../machines')
const { paintFor } = require('../paint')
const { certificateOf, speaksHttp } = require('../protocol')
const { statusOfPool } = require('../pool-page')
const { latencyOf } = require('../table')
const { startedBefore } = require('../started')
const { unprotected } = require('../unprotected')
const { isSame, nameOf } = require('../../name')

const summary = 'checks the configuration, asks every daemon what it is, and says what to fix, what would be better, and what is not protected'
const options = { config: look.CONFIG, json: { text: 'print what was found as JSON' } }
const details = `Looks for daemons that are not in the list on this machine alone. Exit code: 0 when there is nothing to fix, also where there is advice,
which you may have reasons not to follow; 1 when there is something to fix, 2 for a mistake in the configuration.`

async function run (given, { out }) {
  const { multiDaemon, notes, file, config } = look.open(given)
  const [status, pool] = await Promise.all([look.settled(multiDaemon), statusOfPool(config)])
  await multiDaemon.stop()
  const edits = missingIn(path.dirname(file))
  const seen = Object.assign({ config, status, notes, edits }, await around(config, status))
  const { problems, advice } = findings(seen, Date.now())
  const open = unprotected({ config, status, edits, pool, started: startedBefore(path.dirname(file)) }, Date.now())
  const certificates = seen.protocols.map(({ certificate }) => certificate)
  if (given.json) out.write(`${JSON.stringify({ file, status, pool, certificates, edits, findings: problems, advice, unprotected: open })}\n`)
  else out.write(textOf(file, notes.filter(note => !status.warnings.includes(note)), seen, { problems, advice, open }, paintFor(out)))
  return problems.length > 0 ? 1 : 0
}

/** What polls do not tell. */
async function around (config, { daemons, primary }) {
  const addresses = await addressesOf(daemons.map(({ host }) => host))
  const [protocols, unlisted, gateways] = await Promise.all([
    Promise.all(daemons.map(protocolOf)),
    unlistedDaemons(config, primary, unlistedPlaces(daemons, addresses)),
    gatewaysAmong(daemons, daemon => loginOf(config, daemon))
  ])
  return { protocols, unlisted, gateways, machines: shared(daemons, addresses) }
}

/** The certificate of a daemon that speaks TLS, and whether one that does not answer speaks otherwise than it is asked. */
async function protocolOf (daemon) {
  const silent = daemon.height === null
  const certificate = daemon.tls || silent ? await certificateOf(daemon) : null
  if (!daemon.tls) return { certificate: null, otherwise: certificate !== null }
  return { certificate, otherwise: silent && certificate === null && await speaksHttp(daemon) }
}

/** Those that stand on the primary's network at other places: judged as if they were in the list. */
async function unlistedDaemons (config, primary, candidates) {
  const { host, port, tls } = primary
  const gateways = await gatewaysAmong(candidates)
  const places = candidates.filter(place => !gateways.some(gateway => isSame(gateway, place)))
  const asked = { coinDifficultyTarget: config.coinDifficultyTarget, daemon: { host, port, tls, login: loginOf(config, primary) || undefined }, multiDaemon: { enabled: true, daemons: places, minHealthy: 1 } }
  if (places.length === 0) return []
  const multiDaemon = look.watch(asked)
  const { daemons } = await look.settled(multiDaemon)
  await multiDaemon.stop()
  // Without an answer of the primary, nobody tells whose network is ours.
  return daemons[0].height === null ? [] : daemons.slice(1).filter(({ state }) => state === 'healthy')
}

function textOf (file, notes, { status, protocols }, { problems, advice, open }, paint) {
  const daemons = status.daemons.map((daemon, index) => daemonText(daemon, protocols[index], paint))
  const verdict = problems.length > 0 ? [paint('bold', 'To fix:')].concat(listOf(problems)) : [paint('healthy', 'Nothing to fix.')]
  const better = advice.length > 0 ? ['', paint('bold', 'Advice:')].concat(listOf(advice)) : []
  const rest = open.length > 0 ? ['', paint('bold', 'Not protected:')].concat(open.map(what => `  - ${what}.`)) : []
  const head = [`${file} is valid: ${status.daemons.length} daemons, mode ${status.mode}`].concat(notes.map(note => `note: ${note}`))
  return `${head.concat('', daemons, '', verdict, better, rest).join('\n')}\n`
}

function listOf (found) {
  return found.map(({ what, fix }, index) => `${String(index + 1).padStart(3)}. ${what}.\n     ${fix[0].toUpperCase()}${fix.slice(1)}.`)
}

function daemonText (daemon, { certificate }, paint) {
  const { state, primary, dialect, version, height, incoming, outgoing, reason, tls } = daemon
  const peers = incoming === null && outgoing === null ? 'peers not shown' : `${incoming} peers in, ${outgoing} out`
  const facts = height === null ? 'no answer' : [
    `${dialect} ${version || 'of an unknown version'}`, `height ${height}`, peers, latencyOf(daemon), tls ? 'https' : 'http'
  ].join(', ')
  return [
    `${nameOf(daemon)}${primary ? ', the primary' : ''}: ${paint(state, state)}${reason ? `, ${reason.message}` : ''}`,
    `    ${facts}`
  ].concat(certificate ? `    certificate of ${certificate.name} by ${certificate.issuer}, valid until ${dayOf(certificate.until)}` : []).join('\n')
}

module.exports = { details, options, run, summary }
