'use strict'

/** What changed from one snapshot to another, in the order in which native code tells it; `why` ({ code, reason }) explains an unexplained switch. */
function differences (before, after, why) {
  const changes = after.daemons.map(daemon => daemonChange(before.daemons, daemon)).filter(Boolean)
  if (after.head && hashOf(before) !== hashOf(after)) changes.push({ event: 'block', head: after.head })
  if (JSON.stringify(before.gateway) !== JSON.stringify(after.gateway)) changes.push({ event: 'gateway', gateway: after.gateway })
  if (!isSame(before.current, after.current)) changes.push({ event: 'switch', switch: switchTo(after, before.current, why) })
  if (before.mode !== after.mode) changes.push({ event: 'mode', mode: after.mode, status: after })
  if (before.hold !== after.hold) changes.push({ event: 'hold', hold: after.hold, status: after })
  return changes
}

function daemonChange (daemonsBefore, daemon) {
  const known = daemonsBefore.find(each => isSame(each, daemon)) || { state: 'unknown', reason: null }
  if (known.state === daemon.state && codeOf(known) === codeOf(daemon)) return null
  return { event: 'daemon', daemon, before: known.state }
}

/** The latest switch, if it is the one that led here. */
function switchTo ({ current, mode, epoch, switches }, from, why) {
  const last = switches[switches.length - 1]
  if (last && isSame(last.to, current)) return Object.assign({}, last, { from })
  const votes = { branch: 0, all: 0 }
  return Object.assign({ from, to: current, votes, mode, epoch, at: Date.now() }, why)
}

function hashOf ({ head }) {
  return head ? head.hash : null
}

function codeOf ({ reason }) {
  return reason ? reason.code : null
}

function isSame (one, other) {
  return one.host === other.host && one.port === other.port && one.tls === other.tls
}

module.exports = differences
