/** Milliseconds until the browser is helped to try again, where it has given up. */
const TRY_AGAIN_AFTER = 5000

const orders = new Orders()
const parts = {
  summary: new Summary(),
  chains: new Chains(),
  table: new Table(orders),
  blocks: new Blocks(),
  requests: new Requests(),
  hosts: new Hosts(),
  timeline: new Timeline()
}
/** When the state came, for the reader and for counting on from there: the time of day may be set meanwhile. */
const seen = { state: null, history: null, received: 0, receivedAt: 0 }

function watch () {
  const source = new EventSource('events')
  source.addEventListener('history', ({ data }) => { seen.history = JSON.parse(data) })
  source.addEventListener('state', ({ data }) => {
    seen.state = JSON.parse(data)
    seen.received = Date.now()
    seen.receivedAt = performance.now()
    tellLink(true)
    draw()
  })
  source.onerror = () => {
    tellLink(false)
    if (source.readyState === EventSource.CLOSED) setTimeout(watch, TRY_AGAIN_AFTER)
  }
}

function tellLink (isLive) {
  const link = find('link')
  const at = seen.received ? `, this is how it was at ${clock(seen.received, Date.now(), true)}` : ''
  setText(link, isLive ? 'live' : `no connection${at}; trying again …`)
  setClass(link, isLive ? '' : 'lost')
  document.body.classList.toggle('lost-link', !isLive)
}

function draw () {
  const { state, history } = seen
  if (!state || !history) return
  find('main').hidden = false
  // Times are told by the server's clock, whatever the reader's says.
  const now = state.now + performance.now() - seen.receivedAt
  parts.summary.update(state, history, now)
  parts.chains.update(state)
  parts.table.update(state, now)
  parts.blocks.update(state, now)
  parts.requests.update(state, now)
  parts.hosts.update(state, now)
  parts.timeline.update(state, history, now)
  orders.update(state)
  drawNotes(state)
}

function drawNotes ({ warnings }) {
  const notes = find('notes')
  notes.hidden = warnings.length === 0
  const list = notes.querySelector('ul')
  if (list.dataset.key === warnings.join()) return
  list.dataset.key = warnings.join()
  list.replaceChildren(...warnings.map(text => make('li', '', text)))
}

watch()
setInterval(() => { if (!document.hidden) draw() }, 1000)
document.addEventListener('visibilitychange', draw)
