const MINUTE = 60000
/** What can be chosen; null is all there is, as far back as it is remembered. */
const RANGES = [['10 min', 10 * MINUTE], ['1 h', 60 * MINUTE], ['6 h', 360 * MINUTE], ['all, up to 24 h', null]]
const [LEAST_RANGE, MOST_RANGE] = [MINUTE / 3, 1440 * MINUTE]
/** Distances of the times under the strips: the first is taken that leaves room enough, in pixels, for each. */
const STEPS = [1 / 12, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 240].map(minutes => minutes * MINUTE)
const ROOM_FOR_TIME = 90
/** Pixels from the middle of the last time to the right end, where "now" stands. */
const ROOM_FOR_NOW = 64
const SHOWN_EVENTS = 12

/** What happened: a strip of its states for each daemon, the way of the pool over them, and each switch with its reason. */
class Timeline {
  constructor () {
    const root = find('timeline')
    this.strips = new List(root.querySelector('.strips'), () => stripRow())
    this.marks = new List(root.querySelector('.marks'), () => switchMark())
    this.events = new List(find('events'), () => eventRow())
    this.times = root.querySelector('.times')
    this.chosen = null
    this.buttons = RANGES.map(([text, range]) => this.button(text, range))
    find('ranges').append(...this.buttons)
    drawTimelineLegend()
  }

  button (text, range) {
    const button = make('button', '', text)
    button.setAttribute('role', 'radio')
    button.addEventListener('click', () => this.choose(range))
    button.addEventListener('keydown', event => this.step(event))
    return button
  }

  choose (range) {
    this.chosen = range
    this.redraw()
  }

  /** As radio buttons do. */
  step (event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (!by) return
    event.preventDefault()
    const index = (this.buttons.indexOf(event.target) + by + RANGES.length) % RANGES.length
    this.choose(RANGES[index][1])
    this.buttons[index].focus()
  }

  update (state, history, now) {
    Object.assign(this, { state, history, now })
    this.redraw()
  }

  redraw () {
    const { state, history, now } = this
    if (!state) return
    const range = this.chosen || Math.min(MOST_RANGE, Math.max(LEAST_RANGE, now - history.start))
    const begin = now - range
    const at = time => Math.min(100, Math.max(0, (time - begin) / range * 100))
    this.drawRanges()
    const uses = usesOf(state, history, now)
    const rows = state.daemons.map(({ name }) => ({ name, spans: spansOf(history.daemons[name] || [], uses.filter(use => use.name === name), now) }))
    this.strips.update(rows.concat({ name: 'pool', isPool: true, spans: modeSpans(history.modes, now) }), ({ name, isPool }) => isPool ? '' : name, at, begin, now)
    const switches = history.switches.filter(({ at }) => at > begin)
    this.marks.update(switches, ({ epoch }) => epoch, at, now)
    this.events.update(eventsOf(history), ({ key }) => key, now)
    this.drawTimes(begin, range, at, now)
  }

  drawRanges () {
    this.buttons.forEach((button, index) => {
      const isChosen = RANGES[index][1] === this.chosen
      setAttribute(button, 'aria-checked', String(isChosen))
      setAttribute(button, 'tabindex', isChosen ? '0' : '-1')
    })
  }

  drawTimes (begin, range, at, now) {
    const { width } = this.times.getBoundingClientRect()
    const step = STEPS.find(step => range / step <= width / ROOM_FOR_TIME) || STEPS[STEPS.length - 1]
    const last = now - range * Math.max(1 / 8, ROOM_FOR_NOW / width)
    const offset = new Date(now).getTimezoneOffset() * MINUTE
    const first = Math.ceil((begin - offset) / step) * step + offset
    const times = []
    for (let time = first; time <= last; time += step) times.push([time, clock(time, now, step < MINUTE)])
    times.push([now, 'now'])
    const key = times.map(([time, text]) => `${at(time).toFixed(1)} ${text}`).join()
    if (this.times.dataset.key === key) return
    this.times.dataset.key = key
    this.times.replaceChildren(...times.map(([time, text]) => {
      const label = make('span', '', text)
      label.style.left = `${at(time)}%`
      return label
    }))
  }
}

/** Which daemon was in use from when to when. */
function usesOf ({ daemons }, { start, switches }, now) {
  const name = ({ host, port }) => (daemons.find(daemon => daemon.host === host && daemon.port === port) || {}).name
  const current = daemons.find(({ inUse }) => inUse)
  if (switches.length === 0) return current ? [{ name: current.name, from: start, to: now }] : []
  const uses = [{ name: name(switches[0].from), from: start, to: switches[0].at }]
  switches.forEach((event, index) => uses.push({ name: name(event.to), from: event.at, to: index + 1 < switches.length ? switches[index + 1].at : now }))
  return uses
}

/** A daemon's states, cut where it came into use and out of it. */
function spansOf (states, uses, now) {
  const spans = []
  states.forEach(([from, state, code, message], index) => {
    const to = index + 1 < states.length ? states[index + 1][0] : now
    const cuts = uses.map(use => [use.from, use.to]).reduce((all, pair) => all.concat(pair), []).filter(time => time > from && time < to)
    const edges = [from].concat(cuts.sort((one, other) => one - other), to)
    for (let edge = 0; edge + 1 < edges.length; edge++) {
      const middle = (edges[edge] + edges[edge + 1]) / 2
      const isUsed = uses.some(use => use.from <= middle && middle < use.to)
      spans.push({ from: edges[edge], to: edges[edge + 1], className: `${state}${isUsed ? ' in-use' : ''}`, text: `${state}${code ? `: ${message}` : ''}${isUsed ? ', in use' : ''}` })
    }
  })
  return spans
}

function modeSpans (modes, now) {
  const all = modes.map(([from, mode, hold], index) => ({ from, to: index + 1 < modes.length ? modes[index + 1][0] : now, mode, hold }))
  const hold = all.filter(({ hold }) => hold).map(({ from, to }) => ({ from, to, className: 'hold', text: 'hold: orphan marks could not be trusted' }))
  return all.filter(({ mode, hold }) => mode === 'single' && !hold).map(({ from, to }) => ({ from, to, className: 'single', text: 'mode single' })).concat(hold)
}

function stripRow () {
  const name = make('span')
  const strip = make('div', 'strip')
  strip.setAttribute('role', 'img')
  const element = make('li', 'strip-row', name, strip)
  const bars = new List(strip, () => bar())
  const update = ({ name: text, isPool, spans }, at, begin, now) => {
    setText(name, isPool ? 'mode' : text)
    setClass(name, isPool ? 'dim' : 'name')
    setClass(strip, isPool ? 'strip modes' : 'strip')
    const shown = spans.filter(({ to }) => to > begin)
    setAttribute(strip, 'aria-label', wordsOf(shown, begin, now) || (isPool ? 'multi, no hold' : 'nothing recorded'))
    bars.update(shown, ({ from, className }) => `${from} ${className}`, at, now)
  }
  return { element, update }
}

function bar () {
  const element = make('i')
  const update = ({ from, to, className, text }, at, now) => {
    setClass(element, className)
    element.style.left = `${at(from)}%`
    element.style.width = `${at(to) - at(from)}%`
    setAttribute(element, 'title', `${clock(from, now, true)} – ${to < now ? clock(to, now, true) : 'now'}: ${text}`)
  }
  return { element, update }
}

/** The latest of what a strip shows, for those who do not see it. */
function wordsOf (spans, begin, now) {
  return spans.slice(-5).map(({ from, text }) => `${from <= begin ? 'before' : `from ${clock(from, now)}`} ${text}`).join('; ')
}

function switchMark () {
  const button = make('button')
  const text = make('p')
  const element = make('div', 'mark', button, text)
  const update = (event, at, now) => {
    element.style.left = `${at(event.at)}%`
    setClass(element, at(event.at) > 50 ? 'mark late' : 'mark')
    const words = `${clock(event.at, now, true)} ${event.reason}`
    setText(text, words)
    setAttribute(button, 'aria-label', words)
  }
  return { element, update }
}

/** Switches and changes of the mode, the latest first. */
function eventsOf ({ switches, modes }) {
  const events = switches.map(({ at, reason, epoch }) => ({ key: `switch ${epoch}`, at, text: reason }))
  modes.forEach(([at, mode, hold], index) => {
    if (index === 0) return
    const [, modeBefore, holdBefore] = modes[index - 1]
    if (mode !== modeBefore) events.push({ key: `mode ${at}`, at, text: mode === 'multi' ? 'Mode multi: enough daemons are healthy.' : 'Mode single: too few daemons are healthy to compare.' })
    if (hold !== holdBefore) events.push({ key: `hold ${at}`, at, text: hold ? 'Hold: do not trust orphan marks.' : 'The hold is over.' })
  })
  const latest = events.sort((one, other) => other.at - one.at).slice(0, SHOWN_EVENTS)
  return latest.length > 0 ? latest : [{ key: 'nothing', text: 'Nothing so far: no switch, no change of the mode.' }]
}

function eventRow () {
  const time = make('time')
  const text = make('span')
  const element = make('li', '', time, text)
  const update = (event, now) => {
    if (event.at === undefined) setClass(element, 'nothing')
    else {
      setText(time, clock(event.at, now, true))
      setAttribute(time, 'datetime', new Date(event.at).toISOString())
    }
    setText(text, event.text)
  }
  return { element, update }
}

function drawTimelineLegend () {
  const entries = [['healthy in-use', 'in use'], ['healthy', 'healthy'], ['unhealthy', 'unhealthy'], ['unresponsive', 'unresponsive'], ['unknown', 'not judged'], ['single', 'mode single']]
  find('timeline-legend').append(...entries.map(([className, text]) => make('li', '', make('span', 'strip', make('i', className)), text)))
}
