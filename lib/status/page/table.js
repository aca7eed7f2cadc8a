/** The table of daemons. */
class Table {
  constructor (orders) {
    const root = find('daemons')
    this.title = root.querySelector('th.orders')
    this.rows = new List(root.querySelector('tbody'), daemon => daemonRow(daemon, orders))
  }

  update (state, now) {
    this.title.hidden = !state.takesOrders
    this.rows.update(state.daemons, ({ name }) => name, state, now)
  }
}

function daemonRow (daemon, orders) {
  const name = make('span', 'name')
  const tags = make('span', 'tags')
  const [word, why, advice] = [make('span'), make('p', 'why'), make('p', 'advice')]
  const cells = { height: cell('Height'), lag: cell('Lag'), peers: cell('Peers'), requests: cell('Requests'), seen: cell('Last seen') }
  const [version, latency, spark] = [make('td', 'version'), make('span'), new Spark()]
  version.dataset.label = 'Version'
  const latencyCell = make('td', 'number latency', spark.element, latency)
  latencyCell.dataset.label = 'Latency'
  const buttons = orders.buttons(daemon)
  const head = make('th', '', name, tags)
  head.scope = 'row'
  const element = make('tr', '', head, make('td', 'condition', word, why, advice), cells.height, cells.lag, cells.peers, cells.requests, latencyCell, version, cells.seen, buttons.element)
  const update = (daemon, state, now) => {
    setText(name, daemon.name)
    const labels = [daemon.primary && 'primary', daemon.inUse && 'in use', daemon.drained && 'drained', isPinned(daemon, state) && 'pinned'].filter(Boolean)
    if (tags.dataset.labels !== labels.join()) tags.replaceChildren(...labels.map(label => make('span', 'tag', label)))
    tags.dataset.labels = labels.join()
    setText(word, daemon.state)
    setClass(word, `state ${daemon.state}`)
    setText(why, daemon.reason ? daemon.reason.message : '')
    setText(advice, daemon.advice || '')
    setText(cells.height, show(daemon.height))
    setText(cells.lag, show(daemon.lag))
    setText(cells.peers, peersOf(daemon))
    setAttribute(cells.peers, 'title', daemon.incoming === null ? 'not told' : `${daemon.incoming} incoming, ${daemon.outgoing} outgoing`)
    setText(latency, daemon.latency === null ? '–' : `${daemon.latency < 10 ? daemon.latency.toFixed(1) : Math.round(daemon.latency)} ms`)
    setAttribute(latencyCell, 'title', learntOf(daemon))
    spark.update(daemon.latencies)
    setText(cells.requests, grouped(daemon.requests))
    setText(version, daemon.version || '–')
    setText(cells.seen, daemon.lastSeen === null ? 'never' : `${spell(now - daemon.lastSeen)} ago`)
    buttons.update(daemon, state)
  }
  return { element, update }
}

function cell (label) {
  const element = make('td', 'number')
  element.dataset.label = label
  return element
}

/** What the addon goes by, for who points at the latency. */
function learntOf ({ learnt: { answerTime, timeLimit, blockDelay } }) {
  const known = (text, value) => value === null ? [] : [`${text} ${Math.round(value)} ms`]
  return [...known('usually', answerTime), ...known('time limit', timeLimit), ...known('blocks come after', blockDelay)].join(', ')
}

function show (value) {
  return value === null ? '–' : String(value)
}

function peersOf ({ incoming, outgoing }) {
  return incoming === null && outgoing === null ? '–' : String((incoming || 0) + (outgoing || 0))
}

function isPinned ({ host, port }, { pin }) {
  return Boolean(pin) && pin.daemon.host === host && pin.daemon.port === port
}

/** Milliseconds that fill the height at least: what is faster than that need not look restless. */
const LEAST_SCALE = 25

/** The latest latencies as a line; polls that failed are marks at the top. */
class Spark {
  constructor () {
    this.line = makeSvg('path', {})
    this.missed = makeSvg('path', { class: 'missed' })
    this.element = makeSvg('svg', { class: 'spark', viewBox: '0 0 60 16', preserveAspectRatio: 'none', 'aria-hidden': 'true' })
    this.element.append(this.line, this.missed)
  }

  update (values) {
    const most = Math.max(LEAST_SCALE, ...values)
    const start = 60 - values.length
    const points = values.map((value, index) => value === null ? null : `${start + index} ${(15 - 14 * value / most).toFixed(1)}`)
    const line = points.map((point, index) => point && `${index > 0 && points[index - 1] ? 'L' : 'M'}${point}`).filter(Boolean).join('')
    const missed = values.map((value, index) => value === null ? `M${start + index} 1v5` : '').join('')
    setAttribute(this.line, 'd', line)
    setAttribute(this.missed, 'd', missed)
  }
}
