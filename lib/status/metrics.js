'use strict'

const { version } = require('../../package.json')

const { isSame, nameOf } = require('../name')
const { SWITCH_CODES } = require('../reasons')

const STATES = ['healthy', 'unhealthy', 'unresponsive', 'unknown']

/**
 * A status as Prometheus text, with the figures that native code counts beside it; null where another process has them.
 * Names and units follow the conventions of https://prometheus.io/docs/practices/naming/.
 */
function metrics (status, figures) {
  const text = new Text()
  describePool(text, status)
  if (figures) describeFigures(text, status, figures)
  describeDaemons(text, status)
  describeBlocks(text, status)
  if (figures) describeRequests(text, status)
  if (status.webhook) describeWebhook(text, status.webhook)
  return text.toString()
}

function describePool (text, status) {
  const { enabled, mode, quorum, hold, pin, head, healthy, daemons } = status
  text.gauge('info', 'The version of the addon.', [[{ version }, 1]])
  text.gauge('enabled', '1 while the addon is on; 0 if multiDaemon is not enabled.', enabled)
  text.gauge('mode', '1 for the current mode: multi, or single if too few daemons are healthy.', ['multi', 'single'].map(it => [{ mode: it }, it === mode]))
  text.gauge('quorum', '1 in mode multi with more than half of the votes on the branch.', quorum)
  text.gauge('hold', '1 while the pool must not mark blocks as orphaned.', hold)
  text.gauge('pinned', '1 while the operator has pinned the pool to a daemon.', Boolean(pin))
  text.gauge('daemons', 'Daemons that are watched.', daemons.length)
  text.gauge('healthy_daemons', 'Daemons that the pool may use.', healthy)
  text.gauge('head_height', 'Height of the highest block that two voters stand on.', head && head.height)
}

function describeFigures (text, status, { votes, minHealthy, blockTarget, headAge, switches, daemons }) {
  text.gauge('min_healthy_daemons', 'Healthy daemons below which the mode is single.', minHealthy)
  text.gauge('block_target_seconds', 'Time that the network takes for a block.', seconds(blockTarget))
  text.gauge('head_age_seconds', 'Time since the head last moved.', seconds(headAge))
  text.gauge('votes', 'Daemons that voted at the end of the last round.', votes.all)
  text.gauge('branch_votes', 'Votes for the branch that was chosen.', votes.branch)
  text.counter('switches_total', 'Switches to another daemon, by reason.', SWITCH_CODES.map(code => [{ reason: code }, switches[code] || 0]))
  const each = perDaemon(status)
  text.counter('polls_total', 'Polls that ended.', each((daemon, index) => {
    const { failed, answered } = daemons[index]
    return [[{ outcome: 'answered' }, sum(answered)], [{ outcome: 'failed' }, failed]]
  }))
  text.histogram('poll_duration_seconds', 'Duration of answered polls.', each((daemon, index) => [[{}, daemons[index]]]))
}

function describeDaemons (text, status) {
  const { current } = status
  const each = perDaemon(status)
  const one = value => each(daemon => [[{}, value(daemon)]])
  text.gauge('daemon_info', 'Family and version of the daemon\'s software.', each(({ primary, dialect, version }) => [[{ primary, dialect: dialect || '', version: version || '' }, 1]]))
  text.gauge('daemon_in_use', '1 for the daemon in use.', one(daemon => isSame(daemon, current)))
  text.gauge('daemon_state', '1 for the state that the daemon is in.', each(({ state }) => STATES.map(it => [{ state: it }, it === state])))
  text.gauge('daemon_reason', '1 for the reason why the daemon is not healthy; no sample for a healthy daemon.', each(({ reason }) => reason ? [[{ reason: reason.code }, 1]] : []))
  text.gauge('daemon_drained', '1 while the daemon is drained.', one(({ drained }) => drained))
  text.gauge('daemon_height', 'Height of the daemon\'s top block.', one(({ height }) => height))
  text.gauge('daemon_lag_blocks', 'Blocks behind the head; negative above it.', one(({ lag }) => lag))
  text.gauge('daemon_network_height', 'Height that the daemon\'s peers claim.', one(({ networkHeight }) => networkHeight))
  text.gauge('daemon_connections', 'Connections to peers.', each(({ incoming, outgoing }) => [[{ direction: 'incoming' }, incoming], [{ direction: 'outgoing' }, outgoing]]))
  text.gauge('daemon_last_seen_timestamp_seconds', 'When the daemon last answered.', one(({ lastSeen }) => seconds(lastSeen)))
  text.gauge('daemon_consecutive_failures', 'Failed tries since the daemon last answered.', one(({ consecutiveFailures }) => consecutiveFailures))
  text.gauge('daemon_answer_time_seconds', 'How long the daemon usually takes to answer a poll.', one(({ learnt }) => seconds(learnt.answerTime)))
  text.gauge('daemon_time_limit_seconds', 'How long the next try of a poll may take.', one(({ learnt }) => seconds(learnt.timeLimit)))
  text.gauge('daemon_block_delay_seconds', 'How long after the others the daemon usually shows a block.', one(({ learnt }) => seconds(learnt.blockDelay)))
}

/** What passed through the gateway; only the process that decides has one. */
function describeRequests (text, status) {
  const { requests } = status
  text.counter('requests_total', 'Requests that the gateway took, by what became of them.', ENDINGS.map(outcome => [{ outcome }, requests[outcome]]))
  text.counter('hedges_total', 'Times that another daemon was asked because those asked before were slow.', requests.hedges)
  text.counter('daemon_requests_total', 'Requests that the gateway sent to the daemon.', perDaemon(status)(({ requests }) => [[{}, requests]]))
}

const ENDINGS = ['answered', 'rescued', 'held', 'failed', 'abandoned']

/** Of the last 100 blocks that the pool submitted: all others are long decided. */
function describeBlocks (text, { blocks }) {
  const count = is => blocks.filter(is).length
  text.gauge('blocks', 'The last 100 blocks that the pool submitted, by the answer that it got.', OUTCOMES.map(told => [{ told }, count(block => block.told === told)]))
  text.gauge('lost_blocks', 'Accepted blocks among them whose place in the chain another block has.', count(({ told, orphaned }) => told === 'accepted' && orphaned))
}

const OUTCOMES = ['accepted', 'refused', 'unknown', 'pending']

function describeWebhook (text, { waiting, delivered, failures, lost }) {
  text.gauge('webhook_waiting_switches', 'Events that wait to be posted.', waiting)
  text.counter('webhook_switches_total', 'Events that the webhook accepted, and events that were given up.', [[{ outcome: 'delivered' }, delivered], [{ outcome: 'lost' }, lost]])
  text.counter('webhook_failures_total', 'Failed tries to post an event.', [[{}, failures]])
}

/** Gives a function that makes samples of every daemon, each labelled with its name. */
function perDaemon ({ daemons }) {
  const named = (daemon, samples) => samples.map(([labels, value]) => [Object.assign({ daemon: nameOf(daemon) }, labels), value])
  return samplesOf => [].concat.apply([], daemons.map((daemon, index) => named(daemon, samplesOf(daemon, index))))
}

/** Writes families of samples, each once, with its type and help. */
class Text {
  constructor () {
    this.lines = []
  }

  /** `samples` is one value, or a list of labels with values. A value that is not known is left out. */
  gauge (name, help, samples) {
    this.family(name, 'gauge', help, samples)
  }

  counter (name, help, samples) {
    this.family(name, 'counter', help, samples)
  }

  family (name, type, help, samples) {
    const list = Array.isArray(samples) ? samples : [[{}, samples]]
    const known = list.filter(([, value]) => value !== null && value !== undefined)
    if (known.length === 0) return
    this.head(name, type, help)
    for (const [labels, value] of known) this.sample(name, labels, value)
  }

  /** Values are what native code counts of a daemon: `answered` polls in ranges, and all their `time` in milliseconds. */
  histogram (name, help, samples) {
    this.head(name, 'histogram', help)
    for (const [labels, { answered, time }] of samples) {
      let count = 0
      for (const range of answered) {
        count += range.count
        this.sample(`${name}_bucket`, Object.assign({}, labels, { le: range.most === null ? '+Inf' : seconds(range.most) }), count)
      }
      this.sample(`${name}_sum`, labels, seconds(time))
      this.sample(`${name}_count`, labels, count)
    }
  }

  head (name, type, help) {
    this.lines.push(`# HELP ${PREFIX}${name} ${help}`, `# TYPE ${PREFIX}${name} ${type}`)
  }

  sample (name, labels, value) {
    const pairs = Object.keys(labels).map(label => `${label}="${escaped(labels[label])}"`)
    this.lines.push(`${PREFIX}${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${Number(value)}`)
  }

  toString () {
    return `${this.lines.join('\n')}\n`
  }
}

const PREFIX = 'multidaemon_'

function escaped (value) {
  return String(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
}

function sum (ranges) {
  return ranges.reduce((total, { count }) => total + count, 0)
}

/** Prometheus counts time in seconds. */
function seconds (milliseconds) {
  return milliseconds === null ? null : milliseconds / 1000
}

metrics.CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

module.exports = metrics
